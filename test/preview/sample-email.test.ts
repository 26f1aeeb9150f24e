import { describe, expect, it } from "vitest";
import { decorate } from "../../src/decorate/index.ts";
import { sampleEmail } from "../../src/preview/sample-email.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";

const keys = parseTokenKeys("1:dev:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE");
if (!keys.ok) throw new Error(keys.reason);
const origin = "https://t.example";
const decorated = decorate(sampleEmail, { keys: keys.value, origin }, { email: 1042, person: 7, campaign: 88012 });
const { html = "", text = "" } = decorated;

describe("the sample email", () => {
  it("has 8 to 12 links, all of which are decorated, and nothing to warn of", () => {
    expect(decorated.warnings).toEqual([]);
    expect(decorated.links.length).toBeGreaterThanOrEqual(8);
    expect(decorated.links.length).toBeLessThanOrEqual(12);
  });

  it("has links of all kinds", () => {
    const urls = decorated.links.map(({ url }) => url);
    expect(urls.some((url) => url.includes("&"))).toBe(true);
    expect(urls.some((url) => /[^ -~]/.test(url))).toBe(true);
    expect(urls.some((url) => url.includes("#"))).toBe(true);
    expect(urls.some((url) => url.includes("?url=https://"))).toBe(true);
    expect(html).toMatch(/<!--\[if mso\]><v:roundrect\shref="https:\/\/t\.example\/c\//);
    expect(html.match(/<area\s[^>]*href="https:\/\/t\.example\/c\//g)).toHaveLength(2);
    expect(html).toMatch(/<a\shref="mailto:[^"]+"/);
    expect(html).toMatch(/<a data-no-track\shref="https:\/\/example\.com\/privacy"/);
    expect(html).toMatch(/<a\shref="https:\/\/t\.example\/u\//);
    expect(text).toMatch(/Unsubscribe: https:\/\/t\.example\/u\//);
    expect(html + text).not.toContain("{{");
  });

  it("leads nowhere but to example.com, and has no image from elsewhere but the pixel", () => {
    for (const { url } of decorated.links) expect(url).toMatch(/^https:\/\/example\.com\//);
    const sources = [...html.matchAll(/<img [^>]*?src="([^"]*)"/g)].map(([, source = ""]) => source.slice(0, 20));
    expect(sources).toEqual(["data:image/svg+xml,%", "https://t.example/o/"]);
  });
});
