/** Emails whose source has tokens of another copy: decorated before, forwarded or quoted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, type Decorated, decorate, type Recipient } from "../../src/decorate/index.ts";
import { pseudonym } from "../../src/tokens/pseudonym.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { runs } from "../fuzz.ts";
import { KEYS, keysOf, SECRETS } from "../tokens/keyring.ts";
import { html, OPTIONS, ORIGIN, RECIPIENT, revealed, text, warnings } from "./mail.ts";
import { soups } from "./soups.ts";

const TESTER: Recipient = { email: 1, person: "tester", campaign: 5 };
const ANNA: Recipient = { email: 2, person: "anna", campaign: 6 };
const OLD_MESSAGE = { email: "1", person: "tester", campaign: "5" };
const ANNAS_MESSAGE = { email: "2", person: "anna", campaign: "6" };

const EMAIL = {
  html: [
    '<body><a href="https://x.com/a?b=1&amp;c=2">1</a> <a href="https://x.com/a?b=1&amp;c=2">2</a>',
    '<a href="{{unsubscribe}}">3</a> {{unsubscribe}}</body>',
  ].join("\n"),
  text: "1: https://x.com/a?b=1&c=2 2: https://x.com/d 3: {{unsubscribe}}",
};

/** The source for decorating again. */
function copyOf(source: { readonly html?: string; readonly text?: string }, recipient = TESTER) {
  const { html: copiedHtml = "", text: copiedText = "" } = decorate(
    source,
    { ...OPTIONS, honeypotLink: true },
    recipient,
  );
  return { html: copiedHtml, text: copiedText };
}

const click = (url: string, keys = KEYS) => signToken(keys, "click", { ...OLD_MESSAGE, link: { id: "l", url } });
const opened = signToken(KEYS, "open", OLD_MESSAGE);
const unsubscribed = signToken(KEYS, "unsubscribe", OLD_MESSAGE);

/** As the second version of Proofpoint's scanner writes a URL. */
function proofpoint(url: string): string {
  const escaped = url.replaceAll(/[-_:]/g, (each) => `-${each.charCodeAt(0).toString(16).toUpperCase()}`);
  return escaped.replaceAll("/", "_");
}

/** Whom each token of a copy names, by use. */
function named({ html: out = "", text: outText = "" }: Decorated) {
  const uses = { c: "click", o: "open", u: "unsubscribe" } as const;
  return [...`${out}\n${outText}`.matchAll(/\/([cou])\/([\w-]{24,})/g)].map(([, letter, token = ""]) => {
    const use = uses[letter as keyof typeof uses];
    const claims = verifyToken(KEYS, use, token);
    if (!claims.ok) throw new Error(`${use}: ${claims.reason}`);
    const { email, person, campaign } = claims.value;
    return { use, email, person, campaign };
  });
}

describe("another person's copy as the source", () => {
  it("becomes this person's copy: links, one pixel and the unsubscribe link, as if decorated from the original", () => {
    const again = decorate(copyOf(EMAIL), { ...OPTIONS, honeypotLink: true }, ANNA);
    const fresh = decorate(EMAIL, { ...OPTIONS, honeypotLink: true }, ANNA);
    expect(again.html).toBe(fresh.html);
    expect(again.text).toBe(fresh.text);
    expect(again.links).toEqual(fresh.links);
    expect(new Set(named(again).map(({ person }) => person))).toEqual(new Set(["anna"]));
  });

  it("becomes this person's copy, too, when its person had unsubscribed", () => {
    const again = decorate(copyOf(EMAIL, { ...TESTER, unsubscribeOnly: true }), OPTIONS, ANNA);
    expect(new Set(named(again).map(({ person }) => person))).toEqual(new Set(["anna"]));
    expect(again.html).toBe(decorate(EMAIL, OPTIONS, ANNA).html);
  });

  it("is named in one warning, with the first address", () => {
    const source = copyOf(EMAIL);
    const [first = ""] = /https:[^"]+/.exec(source.html) ?? [];
    expect(decorate(source, OPTIONS, ANNA).warnings).toEqual([
      { code: "copied", url: first, message: expect.stringMatching(/anew for this recipient: this and 8 more\.$/) },
    ]);
  });

  it("names a pseudonym in an anonymous copy, and nobody but in the unsubscribe link without tracking", () => {
    const anonymous = named(decorate(copyOf(EMAIL), OPTIONS, { ...ANNA, tracking: "anonymous" }));
    const person = pseudonym(KEYS, ANNAS_MESSAGE);
    for (const each of anonymous)
      expect(each).toEqual({ ...ANNAS_MESSAGE, use: each.use, ...(each.use === "unsubscribe" ? {} : { person }) });
    const none = decorate(copyOf(EMAIL), OPTIONS, { ...ANNA, tracking: "none" });
    expect(revealed(none.html ?? "")).toBe(
      [
        '<body><a href="https://x.com/a?b=1&amp;c=2">1</a> <a href="https://x.com/a?b=1&amp;c=2">2</a>',
        '<a href="⟦unsubscribe⟧">3</a> ⟦unsubscribe⟧</body>',
      ].join("\n"),
    );
    expect(revealed(none.text ?? "")).toBe("1: https://x.com/a?b=1&c=2 2: https://x.com/d 3: ⟦unsubscribe⟧");
  });

  it("stays the same when it is this person's own copy", () => {
    const once = copyOf(EMAIL, ANNA);
    const again = decorate(once, { ...OPTIONS, honeypotLink: true }, ANNA);
    expect({ html: again.html, text: again.text }).toEqual(once);
  });

  it("counts for this person also where it is quoted, with a pixel of its own", () => {
    for (const [before, after] of [
      ["<p>new</p><blockquote>", "</blockquote>"],
      ['<div class="gmail_quote">', "</div>"],
      ["<!--[if mso]>", "<![endif]-->"],
      ["<!-- ", " -->"],
      ["<noscript>", "</noscript>"],
      ["<title>", "</title>"],
    ]) {
      const again = decorate(
        { html: `${before}${copyOf(EMAIL).html}${after}`, text: `> ${copyOf(EMAIL).text}` },
        OPTIONS,
        ANNA,
      );
      for (const each of named(again)) expect(each).toEqual({ ...ANNAS_MESSAGE, use: each.use });
      expect(again.html?.match(/\/o\//g)).toHaveLength(1);
    }
  });

  it("is recognised by its signature, on whatever host, by whatever key of the list, and inside other URLs", () => {
    const older = keysOf(`1:${SECRETS.a}`);
    const url = "https://x.com/a";
    for (const address of [
      `${ORIGIN}/c/${click(url)}`,
      `https://other.example/c/${click(url)}`,
      `http://localhost:8787/c/${click(url)}`,
      `${ORIGIN}/c/${click(url, older)}`,
      `${ORIGIN}/c/%${click(url).charCodeAt(0).toString(16)}${click(url).slice(1)}`,
      `${ORIGIN}/c/${click(`${ORIGIN}/c/${click(url)}`)}`,
      `https://nam02.safelinks.example/?url=${encodeURIComponent(`${ORIGIN}/c/${click(url)}`)}&amp;data=05`,
      `https://urldefense.example/v3/__${ORIGIN}/c/${click(url)}__;!!ABC`,
      `https://proxy.example/go/${ORIGIN}/c/${click(url)}/x`,
      `https://urldefense.example/v2/url?d=x&amp;u=${proofpoint(`${ORIGIN}/c/${click(url)}`)}&amp;e=`,
      `https://eu.sophos.example/?d=t.example.com&amp;u=${btoa(`${ORIGIN}/c/${click(url)}`)}&amp;i=5`,
      `https://proxy.example/?u=${percentEncoded(`${ORIGIN}/c/${click(url)}`)}`,
    ]) {
      expect(html(`<a href="${address}">x</a>`)).toBe(`<a href="⟦${url}⟧">x</a>`);
      expect(text(`(${address})`.replace("&amp;", "&"))).toBe(`(⟦${url}⟧)`);
    }
    // Browsers repair these.
    for (const address of [
      `${ORIGIN}/c/${click(url)}`.replace("//", "/"),
      `${ORIGIN}/c/${click(url)}`.replaceAll("/", "\\"),
    ])
      expect(html(`<a href="${address}">x</a>`)).toBe(`<a href="⟦${url}⟧">x</a>`);
    const wrapped = `https://s.example/?url=${encodeURIComponent(`${ORIGIN}/u/${unsubscribed}`)}`;
    expect(html(`<a href="${wrapped}">x</a>`)).toBe('<a href="⟦unsubscribe⟧">x</a>');
  });

  it("is written anew whole where a scanner has rewritten it, in links, in words, and in text", () => {
    const [own, leave] = [`${ORIGIN}/c/${click("https://x.com/a")}`, `${ORIGIN}/u/${unsubscribed}`];
    const [encoded, twice] = [encodeURIComponent(leave), encodeURIComponent(encodeURIComponent(leave))];
    const wrapped: [string, string][] = [
      [`https://url.avanan.click/v2/___${own}___.YXAzOmE6YTpvOjE`, "https://x.com/a"],
      [`https://url.avanan.click/v2/r01/___${leave}___.YXAzOmE6YTpvOjE`, "unsubscribe"],
      [`https://protect.checkpoint.example/v2/___${encoded}___.YzJ1/x`, "unsubscribe"],
      [`https://scan.example/t.example.com${leave.slice(ORIGIN.length)}?by=x`, "unsubscribe"],
      [`https://scan.example/go?a=1&u=${twice}&b=2#c`, "unsubscribe"],
      [`https://nam02.safelinks.example/?url=${encodeURIComponent(own)}&data=05%7C02`, "https://x.com/a"],
      [`https://urldefense.example/v3/__${own}__;!!ABC$`, "https://x.com/a"],
      [`https://urldefense.example/v2/url?u=${proofpoint(leave)}&d=DwMFaQ&e=`, "unsubscribe"],
      [`https://eu.sophos.example/?d=t.example.com&u=${btoa(leave)}&i=5`, "unsubscribe"],
      [`https://scan.example/?d=${btoa(JSON.stringify({ url: own }))}&i=5`, "https://x.com/a"],
    ];
    for (const [url, expected] of wrapped) {
      const written = url.replaceAll("&", "&amp;");
      expect(html(`<a href="${written}">x</a>`)).toBe(`<a href="⟦${expected}⟧">x</a>`);
      expect(html(`<p title="${written}">(${written}) or ${written}.</p>&quot;${written}&quot;`)).toBe(
        `<p title="⟦${expected}⟧">(⟦${expected}⟧) or ⟦${expected}⟧.</p>&quot;⟦${expected}⟧&quot;`,
      );
      expect(text(`(${url}) or ${url}.`)).toBe(`(⟦${expected}⟧) or ⟦${expected}⟧.`);
      expect(warnings(`<p>${written}</p>`)).toEqual([["copied", url]]);
    }
  });

  it("is found in text, in other attributes and over several lines", () => {
    const url = `${ORIGIN}/u/${unsubscribed}`;
    const source = (address: string) =>
      `<p title="${address}">${address}</p><form action=${address}></form><!-- ${address} -->`;
    expect(html(source(url))).toBe(source("⟦unsubscribe⟧"));
    expect(text(`<${url.slice(0, 60)}\r\n${url.slice(60)}>`)).toBe("<⟦unsubscribe⟧>");
  });

  it("is found however its address is written, with and without a scheme", () => {
    const host = ORIGIN.slice("https://".length);
    const encode = (address: string) => encodeURIComponent(address);
    const attribute = (write: (address: string) => string) => (address: string) => `<p title="${write(address)}">`;
    const ways: ((address: string) => string)[] = [
      (address) => `<p>${address.replace("https:", "")}</p>`,
      (address) => `<p>${address.replace("https://", "")}, or ${address.replace("https://", "www.")}</p>`,
      (address) => `<p>${address.replaceAll("/", "&#x2F;")}</p>`,
      (address) => `<p>${address.replaceAll("/", "&#47;").replaceAll(":", "&#x3a;")}</p>`,
      (address) => `<script type="application/ld+json">{"url":"${address.replaceAll("/", "\\/")}"}</script>`,
      (address) => `<div style="background:url('${address}')"><img srcset="${address} 2x, ${address} 3x">`,
      (address) => `<td background=${address}><input type=image src=${address}><source srcset=${address}>`,
      (address) => `<img srcset="https://proxy.example/?url=${encode(address)} 2x"><link href=${address}>`,
      attribute((address) => `mailto:a@x.com?body=${encode(`see ${address}`)}`),
      (address) => `<a href="mailto:?body=${encode(`see ${address}`)}">x</a>`,
      (address) => `<a href="https://outer.example/?a=${encode(`https://inner.example/?b=${encode(address)}`)}">x</a>`,
      (address) => `<a href="https://outer.example/${encode(encode(address))}">x</a>`,
      (address) => `List-Unsubscribe: <${address.slice(0, 60)} ${address.slice(60)}>`,
    ];
    for (const way of ways) {
      for (const token of [`c/${click("https://x.com/a")}`, `u/${unsubscribed}`, `o/${opened}.gif`]) {
        const source = way(`https://${host}/${token}`);
        const again = decorate({ html: source.replaceAll(/(?<=: )<(.*)>/g, "$1"), text: source }, OPTIONS, ANNA);
        const left = `${again.html} ${again.text}`.replaceAll(/(%25)*%2F|&#x2F;|&#47;|\\\//gi, "/");
        if (!source.startsWith("List")) expect(named({ ...again, html: left, text: "" })).not.toEqual([]);
        expect(left).not.toContain(token.slice(2, 40));
      }
    }
  });

  it("is found in what is left alone otherwise", () => {
    const address = `${ORIGIN}/c/${click("https://x.com/a")}`;
    expect(html(`<a href="${address}?q={{later}}">`)).toBe('<a href="⟦https://x.com/a⟧?q={{later}}">');
    expect(text(`${address}?q={{ later }} x${address}`)).toBe("⟦https://x.com/a⟧?q={{ later }} x⟦https://x.com/a⟧");
    expect(html(`<a href="${address}/${"a".repeat(20_000)}">`)).toBe(
      `<a href="⟦https://x.com/a⟧/${"a".repeat(20_000)}">`,
    );
  });

  it("leaves no pixel and no honeypot link of the other copy", () => {
    const pixel = `<img src="${ORIGIN}/o/${opened}.gif" alt>`;
    expect(html(`a${pixel}b<!--[if mso]>${pixel}<![endif]-->c`)).toBe("ab<!--[if mso]><![endif]-->c");
    expect(html(`<a href="${ORIGIN}/o/${opened}.gif">x</a>`)).toBe("x</a>");
    expect(text(`[${ORIGIN}/o/${opened}.gif] x`)).toBe("[] x");
    const honeypot = signToken(KEYS, "click", { ...OLD_MESSAGE, link: { id: "honeypot", url: "https://x.com" } });
    expect(html(`a<a href="${ORIGIN}/c/${honeypot}" style="display:none"></a>b`)).toBe("ab");
  });

  it("leads to the plain destination where the link opts out or cannot be decorated", () => {
    const destination = "https://x.com/'a b'?q=\"é\"&<>";
    const written = "https://x.com/&#39;a&#32;b&#39;?q=&#34;&#233;&#34;&amp;&#60;&#62;";
    const source = `<a data-no-track href=${ORIGIN}/c/${click(destination)} id=b>x</a>`;
    expect(html(source)).toBe(`<a data-no-track href=${written} id=b>x</a>`);
    const long = `https://x.com/${"a".repeat(1600)}`;
    expect(html(`<a href="${ORIGIN}/c/${click(long)}">`)).toBe(`<a href="${long}">`);
    expect(warnings(`<a href="${ORIGIN}/c/${click(long)}">`).map(([code]) => code)).toEqual(["too_long", "copied"]);
    const forSome = compile(`<a href="${ORIGIN}/c/${click(`https://x.com/${"a".repeat(1450)}`)}">`, OPTIONS);
    const copy = forSome.render({ ...ANNA, person: "p".repeat(64), campaign: "c".repeat(64) });
    expect(copy.html?.startsWith(`<a href="https://x.com/${"a".repeat(1450)}">`)).toBe(true);
    expect(text(`${ORIGIN}/c/${click("https://x.com/straße {{later}}")}`)).toBe(
      "https://x.com/stra%C3%9Fe%20%7B%7Blater%7D%7D",
    );
  });

  it("leaves what no key verifies, with a warning, and adds the pixel", () => {
    const forged = `${ORIGIN}/c/${click("https://x.com").slice(0, -5)}AAAAA`;
    const source = `<a href="${forged}">x</a><img src="${ORIGIN}/o/abc.gif">`;
    const { html: out = "" } = decorate(source, OPTIONS, ANNA);
    expect(out.startsWith(source)).toBe(true);
    expect(named({ ...decorate("", OPTIONS, ANNA), html: out.slice(source.length) })).toEqual([
      { ...ANNAS_MESSAGE, use: "open" },
    ]);
    expect(warnings(source)).toEqual([
      ["unverified", forged],
      ["unverified", `${ORIGIN}/o/abc.gif`],
    ]);
    expect(decorate({ text: `<${forged}>` }, OPTIONS, ANNA).text).toBe(`<${forged}>`);
    expect(warnings({ text: `x ${forged}.` })).toEqual([["unverified", forged]]);
    const foreign = signToken(keysOf(`1:${SECRETS.c}`), "unsubscribe", OLD_MESSAGE);
    expect(warnings(`<a href="${ORIGIN}/u/${foreign}">`).map(([code]) => code)).toEqual(["unverified"]);
    expect(html(`<a href="https://other.example/u/${foreign}">`)).toBe(
      `<a href="⟦https://other.example/u/${foreign}⟧">`,
    );
  });

  it("never leaves a token of somebody else, whatever the HTML around it", () => {
    const scraps = [
      `${ORIGIN}/c/${click("https://x.com/1")}`,
      `${ORIGIN}/u/${unsubscribed}`,
      `<img src="${ORIGIN}/o/${opened}.gif">`,
      `<a href="${ORIGIN}/c/${click("https://x.com/2")}">`,
    ];
    const sources = fc.array(fc.oneof(soups, fc.constantFrom(...scraps)), { maxLength: 8 }).map((all) => all.join(" "));
    fc.assert(
      fc.property(sources, (source) => {
        const again = decorate({ html: source, text: source }, OPTIONS, ANNA);
        expect(named(again).filter(({ person }) => person !== "anna")).toEqual([]);
      }),
      runs(500),
    );
  });
});

describe("an email without tokens of another copy", () => {
  it("has no warning of one", () => {
    expect(decorate(EMAIL, OPTIONS, RECIPIENT).warnings).toEqual([]);
  });
});
const percentEncoded = (text: string) =>
  Array.from(text, (character) => `%${character.charCodeAt(0).toString(16)}`).join("");
