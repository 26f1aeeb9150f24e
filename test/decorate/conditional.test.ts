import { describe, expect, it } from "vitest";
import { decorateHtml, html } from "./mail.ts";

describe("Outlook's conditional comments and VML", () => {
  it("decorates the href of VML shapes, in a conditional comment and outside", () => {
    const button = (href: string) =>
      `<v:roundrect xmlns:v="urn:schemas-microsoft-com:vml" href="${href}" style="height:40px">` +
      "<w:anchorlock/></v:roundrect>";
    const source = (href: string) => `<!--[if mso]>${button(href)}<![endif]-->${button(href)}`;
    expect(html(source("https://x.com/?a=1&amp;b"))).toBe(source("⟦https://x.com/?a=1&b⟧"));
    expect(html('<V:RECT HREF=https://x.com /><v:fill src="https://x.com/a.png"/>')).toBe(
      '<V:RECT HREF=⟦https://x.com⟧ /><v:fill src="https://x.com/a.png"/>',
    );
  });

  it("decorates links in a conditional comment", () => {
    const source = (href: string) =>
      `<p>\r\n<!--[if (gte mso 9)|(IE)]>\r\n<table><tr><td><a href='${href}'>é🦭</a>\r\n<![endif]--><a href="${href}">`;
    expect(html(source("https://x.com/a"))).toBe(source("⟦https://x.com/a⟧"));
  });

  it("decorates links that a condition hides from Outlook", () => {
    const link = (href: string) => `<a href="${href}">x</a>`;
    for (const [open, close] of [
      ["<!--[if !mso]><!-->", "<!--<![endif]-->"],
      ["<!--[if !mso]> <!-- -->", "<!-- <![endif]-->"],
      ["<!--[if !mso]>-->", "<!--<![endif]-->"],
      ["<![if !mso]>", "<![endif]>"],
    ] as const) {
      expect(html(open + link("https://x.com/a") + close)).toBe(open + link("⟦https://x.com/a⟧") + close);
    }
  });

  it("reads conditions in any case, without spaces and left open", () => {
    for (const [open, close] of [
      ["<!--[IF MSO]>", "<![ENDIF]-->"],
      ["<!--[if(mso)]>", "<![endif]--!>"],
      ["<!--[if mso]>", ""],
    ] as const) {
      expect(html(`${open}<a href="https://x.com/a">x</a>${close}`)).toBe(
        `${open}<a href="⟦https://x.com/a⟧">x</a>${close}`,
      );
    }
  });

  it("leaves comments that only look conditional alone", () => {
    for (const open of ["<!-- [if mso]>", "<!--[iffy]>", "<!--[if mso>", "<!--if mso]>"]) {
      const source = `${open}<a href="https://x.com/a"><![endif]-->`;
      expect(html(source)).toBe(source);
    }
  });

  it("leaves a comment, a style sheet and a broken tag within a conditional comment alone", () => {
    for (const inside of [
      '<!-- <a href="https://x.com/a"> ',
      '<!--[if mso]><a href="https://x.com/a">',
      '<style><a href="https://x.com/a"></style>',
      '<a href="https://x.com/a',
      "<a href=https://x.com/a",
    ]) {
      const source = `<!--[if mso]>${inside}--><p>x</p>`;
      expect(html(source)).toBe(source);
    }
  });

  it("ignores base and body elements inside conditional comments", () => {
    const source = '<!--[if mso]><base href="https://x.com/"></body></html><![endif]--><a href="a">x</a>';
    const decorated = decorateHtml(source);
    expect(html(source)).toBe(source);
    expect(decorated.html?.startsWith(source)).toBe(true);
    expect(decorated.warnings.map(({ code }) => code)).toEqual(["relative"]);
  });

  it("knows markers that opt out and fills the unsubscribe placeholder there as well", () => {
    expect(html('<!--[if mso]><v:rect data-no-track href="https://x.com">{{unsubscribe}}</v:rect><![endif]-->')).toBe(
      '<!--[if mso]><v:rect data-no-track href="https://x.com">⟦unsubscribe⟧</v:rect><![endif]-->',
    );
  });
});
