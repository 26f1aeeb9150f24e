import { describe, expect, it } from "vitest";
import { decorate, type Recipient } from "../../src/decorate/index.ts";
import { html, OPTIONS, RECIPIENT, revealed, warnings } from "./mail.ts";

const ANNA = { ...RECIPIENT, person: "anna" };

describe("opting one link out of tracking", () => {
  it("knows every spelling in use, in any case, and leaves the link as it is", () => {
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
      'class="big mktNoTrack button"',
    ];
    for (const mark of flags) {
      const links = `<a ${mark} href="https://x.com/a">x</a><a href="https://x.com/a"\r\n  ${mark} id="b">x</a>`;
      expect(html(links)).toBe(links);
    }
  });

  it("decorates a link whose marker does not opt out", () => {
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

  it("works on areas and VML, and only on links", () => {
    const links = "<area href=https://x.com clicktracking=off><v:rect href=https://x.com mc:disable-tracking>";
    expect(html(links)).toBe(links);
    const table = '<table class="mktNoTrack" data-no-track><tr><td clicktracking=off><a href="https://x.com/a">x</a>';
    expect(html(table)).toBe(table.replace("https://x.com/a", "⟦https://x.com/a⟧"));
  });

  it("warns of nothing in a link that opts out", () => {
    expect(warnings('<a data-no-track href="{{later}}"><a ses:no-track href="http://">')).toEqual([]);
  });

  it("still fills the unsubscribe placeholder", () => {
    expect(html('<a href="{{unsubscribe}}" data-no-track>')).toBe('<a href="⟦unsubscribe⟧" data-no-track>');
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
    const html = '<a data-no-track href="https://app.example/str%61%c3%9fe?a=1&amp;b=2">Reset</a>';
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
  const copyFor = (source: { html?: string; text?: string }, recipient: Recipient) => {
    const copy = decorate(source, OPTIONS, recipient);
    return { html: copy.html ?? "", text: copy.text ?? "", codes: copy.warnings.map(({ code }) => code) };
  };

  it.each(["full", "anonymous", "none"] as const)("stays untracked in both parts: %s tracking", (tracking) => {
    const { html: copied, text: copiedText } = copyFor(original, { ...RECIPIENT, tracking });
    const again = copyFor({ html: copied, text: copiedText }, ANNA);
    const fresh = copyFor(original, ANNA);
    expect(again).toEqual({ ...fresh, codes: ["copied"] });
    expect(revealed(again.html)).toContain(`<a href="${RESET}" data-no-track>Reset</a> <a href="⟦https://x.com/a⟧">`);
    expect(revealed(again.text)).toBe(`${RESET} ⟦https://x.com/a⟧ ⟦unsubscribe⟧`);
  });

  it("is the only one: a new email with a link of a copy in it is tracked", () => {
    const address = /https:[^"]+\/c\/[^"]+/.exec(copyFor(original, RECIPIENT).html)?.[0] ?? "";
    const added = Array.from({ length: 50 }, (_, n) => `https://y.com/${n}`);
    const source = [...added, address].map((url) => `<a href="${url}">x</a>`).join(" ");
    const { links } = decorate({ html: source, text: `${address} https://z.com/` }, OPTIONS, ANNA);
    expect(links.map(({ url }) => url)).toEqual([...added, "https://x.com/a", "https://z.com/"]);
  });

  it.each(["full", "anonymous", "none"] as const)("stays untracked in text alone, with a warning: %s", (tracking) => {
    const { text: copied } = copyFor(original, { ...RECIPIENT, tracking });
    const added = "https://app.example/added";
    const again = decorate({ text: `> ${copied} ${added}` }, OPTIONS, ANNA);
    const news = tracking === "none" ? "https://x.com/a" : "⟦https://x.com/a⟧";
    expect(revealed(again.text ?? "")).toBe(`> ${RESET} ${news} ⟦unsubscribe⟧ ${added}`);
    expect(again.warnings).toMatchObject([
      { code: "copied" },
      { code: "untracked", url: RESET, message: expect.stringMatching(tracking === "none" ? /2 more/ : /1 more/) },
    ]);
  });

  it("is not taken for one in a text without anything of a copy, nor where the HTML says otherwise", () => {
    const { html: copied, text: copiedText } = copyFor(original, RECIPIENT);
    expect(revealed(copyFor({ text: RESET }, ANNA).text)).toBe(`⟦${RESET}⟧`);
    const unmarked = { html: copied.replace(" data-no-track", ""), text: copiedText };
    expect(revealed(copyFor(unmarked, ANNA).text)).toBe(`⟦${RESET}⟧ ⟦https://x.com/a⟧ ⟦unsubscribe⟧`);
  });
});
