import { describe, expect, it } from "vitest";
import { subscribedPage, unavailablePage, unsubscribedPage, unsubscribePage } from "../../src/suppressions/pages.ts";
import { badLinkPage, LANGUAGES, notReadyPage, type Page } from "../../src/web/index.ts";

const SENDER = { name: "Maison Lavande", color: "#6b4fa0" } as const;
const SPITEFUL = `</style></title><script>alert(1)</script>"'&<b>`;

const pages = {
  unsubscribe: unsubscribePage,
  unsubscribed: unsubscribedPage,
  "subscribed again": subscribedPage,
  "not done": (options: Parameters<typeof unsubscribePage>[0]) => unavailablePage(options, "subscribe"),
  "a bad link": badLinkPage,
  "not ready": notReadyPage,
} as const;

const all = Object.entries(pages).flatMap(([name, page]) =>
  LANGUAGES.map((language) => [name, language, page] as const),
);

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

function directivesOf({ csp }: Page): Record<string, string> {
  return Object.fromEntries(
    csp.split("; ").map((directive) => {
      const at = directive.indexOf(" ");
      return [directive.slice(0, at), directive.slice(at + 1)];
    }),
  );
}

describe.each(all)("the page %s in %s", (_name, language, page) => {
  const shown = page({ sender: SENDER, language, maskedAddress: "m…@e…e.com" });

  it("is one small document with a title, a heading and a language, and without a script or a request", () => {
    const { html } = shown;
    expect(html).toMatch(new RegExp(`^<!doctype html><html lang="${language}">`));
    expect(html.match(/<title>[^<]+ · Maison Lavande<\/title>/g)).toHaveLength(1);
    expect(html.match(/<h1>[^<]+<\/h1>/g)).toHaveLength(1);
    expect(html).not.toMatch(/<script|<iframe|<img|<object|\son[a-z]+=|javascript:/i);
    expect(html).not.toMatch(/(?:src|srcset|href|action|data)="(?!data:image\/svg\+xml,)/i);
    expect(html).not.toMatch(/@import|url\(/i);
    expect(new TextEncoder().encode(html).length).toBeLessThan(5_000);
  });

  it("has a policy that lets its own style be and nothing else", async () => {
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(shown.html) ?? [];
    expect(directivesOf(shown)).toEqual({
      "default-src": "'none'",
      "style-src": await hashOf(style),
      "img-src": "data:",
      "form-action": "'self'",
      "frame-ancestors": "'none'",
      "base-uri": "'none'",
    });
    expect(shown.html).not.toMatch(/\sstyle=/i);
  });

  it("shows what a sender or an address is called as text", () => {
    const spited = page({ sender: { ...SENDER, name: SPITEFUL }, language, maskedAddress: SPITEFUL });
    expect(spited.html).not.toMatch(/<script|<b>/);
    expect(spited.html.match(/<\/style>/g)).toHaveLength(1);
    expect(spited.html).toContain("&lt;/style&gt;&lt;/title&gt;&lt;script&gt;");
    expect(spited.csp).toBe(shown.csp);
  });

  it("names nobody when the sender has no name", () => {
    const { html } = page({ sender: { ...SENDER, name: "" }, language });
    expect(html).not.toContain("{sender}");
    expect(html).toMatch(/<title>[^<·]+<\/title>/);
    expect(html).not.toContain("<bdi>");
  });
});

describe("what the one button of a page does", () => {
  const shown = { sender: SENDER, language: "en" } as const;
  it.each([
    ["unsubscribe", unsubscribePage(shown), "unsubscribe"],
    ["unsubscribed", unsubscribedPage(shown), "subscribe"],
    ["subscribed again", subscribedPage(shown), "unsubscribe"],
    ["unsubscribing not done", unavailablePage(shown, "unsubscribe"), "unsubscribe"],
    ["subscribing again not done", unavailablePage(shown, "subscribe"), "subscribe"],
  ])("%s: %s", (_name, { html }, action) => {
    expect(html.match(/<form method="post">/g)).toHaveLength(1);
    expect(html.match(/<(?:button|input)/g)).toHaveLength(1);
    expect(html).toContain(`name="action" value="${action}"`);
  });

  it("a link that does not work has none", () => {
    for (const page of [badLinkPage, notReadyPage]) expect(page(shown).html).not.toMatch(/<form|<button/);
  });
});
