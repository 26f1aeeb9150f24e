import { describe, expect, it } from "vitest";
import { decorate } from "../../src/decorate/index.ts";
import { html, OPTIONS, RECIPIENT, revealed, warnings } from "./mail.ts";

const ANNA = { ...RECIPIENT, person: "anna" };

const PLAIN = '<a href="https://x.com/a" id="b">x</a>';

describe("opting one link out of tracking", () => {
  it("knows every spelling in use, in any case, and takes it out", () => {
    const flags = [
      "data-no-track",
      "DATA-NO-TRACK",
      'data-no-track="true"',
      "data-no-track=''",
      'data-no-track = "1"',
      "clicktracking=off",
      'clicktracking="off"',
      "ClickTracking=' OFF '",
      "ses:no-track",
      'ses:no-track=""',
      "SES:No-Track=no",
      "mc:disable-tracking",
      "mc:disable-tracking='true'",
      'mautic:disable-tracking="true"',
      "mautic:disable-tracking",
      'class="mktNoTrack"',
      "class=MKTNOTRACK",
      "class='  mktNoTrack\n mktnotrack '",
    ];
    for (const mark of flags) {
      expect(html(`<a ${mark} href="https://x.com/a" id="b">x</a>`)).toBe(PLAIN);
      expect(html(`<a href="https://x.com/a"\r\n  ${mark} id="b">x</a>`)).toBe(PLAIN);
      expect(html(`<a href="https://x.com/a" id="b" ${mark}>x</a>`)).toBe(PLAIN);
    }
  });

  it("leaves a marker that does not opt out, and decorates the link", () => {
    const flags = [
      'data-no-track="false"',
      "data-no-track=False",
      "clicktracking=on",
      "clicktracking",
      "mc:disable-tracking=false",
      "mautic:disable-tracking='false'",
      'class="mktNoTracking"',
      "data-no-tracking",
    ];
    for (const mark of flags) {
      expect(html(`<a ${mark} href="https://x.com/a">x</a>`)).toBe(`<a ${mark} href="⟦https://x.com/a⟧">x</a>`);
    }
  });

  it("takes out Marketo's class alone and leaves the other classes", () => {
    const of = (classes: string) => `<a class="${classes}" href="https://x.com/a">x</a>`;
    expect(html(of("mktNoTrack button"))).toBe(of("button"));
    expect(html(of("button  mktNoTrack"))).toBe(of("button"));
    expect(html(of("big\nmktNoTrack button"))).toBe(of("big button"));
    expect(html(of(" a mktNoTrack mktNoTrack b mktnotrack "))).toBe(of(" a b "));
    expect(html(of("mktNoTrack mktNoTrack a"))).toBe(of("a"));
  });

  it("takes out every one of several markers", () => {
    expect(
      html('<a data-no-track href="https://x.com/a" clicktracking=off id="b" data-no-track class="mktNoTrack">x</a>'),
    ).toBe(PLAIN);
  });

  it("leaves the tag reading as it did when something is glued to the markerer", () => {
    expect(html("<a href=https://x.com/a data-no-track/>")).toBe("<a href=https://x.com/a />");
    expect(html('<a id=b data-no-track="1"href=https://x.com/a>')).toBe("<a id=b href=https://x.com/a>");
    expect(html('<a id="b"data-no-track="1"href=https://x.com/a>')).toBe('<a id="b"href=https://x.com/a>');
    expect(html("<a data-no-track>x</a>")).toBe("<a>x</a>");
  });

  it("works on areas and VML, and only on links", () => {
    expect(html("<area href=https://x.com clicktracking=off>")).toBe("<area href=https://x.com>");
    expect(html("<v:rect href=https://x.com mc:disable-tracking>")).toBe("<v:rect href=https://x.com>");
    const table = '<table class="mktNoTrack" data-no-track><tr><td clicktracking=off></table>';
    expect(html(table)).toBe(table);
  });

  it("warns of nothing in a link that opts out", () => {
    expect(warnings('<a data-no-track href="{{later}}"><a ses:no-track href="http://">')).toEqual([]);
  });

  it("still fills the unsubscribe placeholder", () => {
    expect(html('<a href="{{unsubscribe}}" data-no-track>')).toBe('<a href="⟦unsubscribe⟧">');
  });

  it("holds for the same URL in the text, in whatever spelling, and for no other", () => {
    const source = {
      html: '<a href="https://app.example/reset?k=1&amp;l" data-no-track>Reset</a> <a href="https://app.example">x</a>',
      text:
        "https://app.example/reset?k=1&l HTTPS://App.Example:443/reset?k=1&l " +
        "https://app.example/reset https://app.example/",
    };
    const { text: out = "", links } = decorate(source, OPTIONS, RECIPIENT);
    expect(revealed(out)).toBe(
      "https://app.example/reset?k=1&l HTTPS://App.Example:443/reset?k=1&l " +
        "⟦https://app.example/reset⟧ ⟦https://app.example/⟧",
    );
    expect(links.map(({ url }) => url)).not.toContain("https://app.example/reset?k=1&l");
  });

  it("holds in the text for a URL with other escapes, and one whose ampersands were left as HTML writes them", () => {
    const html = '<a data-no-track href="https://app.example/stra%c3%9fe?a=1&amp;b=2">Reset</a>';
    const text = "https://app.example/straße?a=1&b=2, <https://app.example/stra%C3%9Fe?a=1&amp;b=2>";
    expect(decorate({ html, text }, OPTIONS, RECIPIENT).text).toBe(text);
  });

  it("holds in the text also for a link that is decorated elsewhere in the HTML", () => {
    const html = '<a href="https://x.com/a">1</a><a data-no-track href="https://x.com/a">2</a>';
    expect(decorate({ html, text: "https://x.com/a" }, OPTIONS, RECIPIENT).text).toBe("https://x.com/a");
  });
});

describe("a link that opted out, when a copy is the source of another", () => {
  const RESET = "https://app.example/reset?k=1";
  const original = {
    html: `<a href="${RESET}" data-no-track>Reset</a> <a href="https://x.com/a">a</a> {{unsubscribe}}`,
    text: `${RESET} https://x.com/a {{unsubscribe}}`,
  };
  /** The source for decorating again, for somebody with another name. */
  const copyOf = (source: { html?: string; text?: string }, tracking: "full" | "anonymous" | "none" = "full") => {
    const { html: copiedHtml, text: copiedText } = decorate(source, OPTIONS, { ...RECIPIENT, tracking });
    return { html: copiedHtml ?? "", text: copiedText ?? "" };
  };
  const again = (source: { html?: string; text?: string }) => {
    const { html: out = "", text: outText = "", warnings: all } = decorate(source, OPTIONS, ANNA);
    const codes = all.map(({ code, url }) => [code, url]).filter(([code]) => code !== "copied");
    return { html: revealed(out).replace("⟦pixel⟧", ""), text: revealed(outText), codes };
  };
  const expected = {
    html: `<a href="${RESET}">Reset</a> <a href="⟦https://x.com/a⟧">a</a> ⟦unsubscribe⟧`,
    text: `${RESET} ⟦https://x.com/a⟧ ⟦unsubscribe⟧`,
  };

  it.each(["full", "anonymous"] as const)("stays untracked in both parts, with a warning: %s tracking", (tracking) => {
    expect(again(copyOf(original, tracking))).toEqual({ ...expected, codes: [["untracked", RESET]] });
  });

  it("is known by its marker, which stays in a copy without tracking, where all links are plain", () => {
    expect(copyOf(original, "none").html).toContain(`<a href="${RESET}" data-no-track>Reset</a>`);
    expect(again(copyOf(original, "none"))).toEqual({ ...expected, codes: [] });
  });

  it("is known by the pixel alone where no link was tracked", () => {
    const source = { html: `<a data-no-track href="${RESET}">Reset</a>`, text: RESET };
    const { html: out, text: outText } = again(copyOf(source));
    expect([out, outText]).toEqual([`<a href="${RESET}">Reset</a>`, RESET]);
  });

  it("is what any plain link counts as that somebody adds, but one with a name, in its own part only", () => {
    const copy = copyOf(original);
    const added = '<a href="https://y.com/">new</a> <a href="https://z.com/" data-link-name="z">z</a> ';
    expect(again({ html: added + copy.html, text: `https://y.com/ https://w.com/ ${copy.text}` })).toEqual({
      html: `<a href="https://y.com/">new</a> <a href="⟦https://z.com/⟧">z</a> ${expected.html}`,
      text: `https://y.com/ https://w.com/ ${expected.text}`,
      codes: [["untracked", "https://y.com/"]],
    });
    expect(again({ html: copy.html, text: `${RESET} https://w.com/` }).text).toBe(`${RESET} ⟦https://w.com/⟧`);
    expect(again({ html: '<a href="https://y.com/">y</a>', text: copy.text }).html).toContain("⟦https://y.com/⟧");
  });
});
