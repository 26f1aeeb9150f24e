import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type Phrases, phrases, type SenderTemplate } from "../../src/suppressions/phrases.ts";
import { LANGUAGES, pickLanguage } from "../../src/web/language.ts";
import { linkPhrases } from "../../src/web/link-phrases.ts";
import { runs } from "../fuzz.ts";
import { ask, newMessage, token } from "../worker.ts";

describe("the language of a page", () => {
  it.each([
    [null, "en"],
    ["", "en"],
    ["fr", "fr"],
    ["FR-ca", "fr"],
    ["pt-BR,pt;q=0.9,en;q=0.8", "pt"],
    ["en;q=0.3, de;q=0.7, nl;q=0.5", "de"],
    ["ja, zh;q=0.9, it;q=0.2", "it"],
    ["fr;q=0, es;q=0.1", "es"],
    ["de;q=0", "en"],
    ["de ; Q = 0.000, nl;q=.5, es; q=0.25", "nl"],
    ["fr;q=2, de;q=0.9", "fr"],
    ["*", "en"],
    ["*;q=0.5, nl;q=0.4", "nl"],
    ["de-CH-1996, fr", "de"],
    ["constructor, __proto__, es", "es"],
    [";;,=,q=,fr;q=x", "fr"],
  ])("for %j is %s", (header, language) => {
    expect(pickLanguage(header)).toBe(language);
  });

  it("is always one that the pages are written in, whatever the header", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(LANGUAGES).toContain(pickLanguage(header));
      }),
      runs(400),
    );
  });

  it.each(Object.entries(phrases))("%s is spoken on the page, which says so", async (language, words) => {
    const headers = { "Accept-Language": `${language};q=0.9, xx` };
    const html = await (await ask(`/u/${token("unsubscribe", newMessage())}`, { headers })).text();
    expect(html).toContain(`<html lang="${language}">`);
    for (const phrase of [words.unsubscribeTitle, words.nothingChangesYet, words.unsubscribe])
      expect(html).toContain(phrase);
    expect(html).toContain(words.noMoreEmails.named.replace("{sender}", "<bdi>Maison Lavande</bdi>"));
  });
});

describe("the phrases", () => {
  it("do not compile when one is missing, or when one that names the sender does not", () => {
    expectTypeOf<Phrases>().toExtend<Phrases>();
    expectTypeOf<Omit<Phrases, "unsubscribeTitle">>().not.toExtend<Phrases>();
    expectTypeOf<"You will get no more emails.">().not.toExtend<SenderTemplate>();
  });

  it.each(LANGUAGES)("say something in %s, each another thing", (language) => {
    const { noMoreEmails, emailsAsBefore, ...others } = { ...phrases[language], ...linkPhrases[language] };
    const all = [...Object.values(noMoreEmails), ...Object.values(emailsAsBefore), ...Object.values(others)];
    for (const phrase of all) expect(phrase.trim()).not.toBe("");
    expect(new Set(all).size).toBe(all.length);
  });
});
