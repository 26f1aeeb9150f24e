import { describe, expect, it } from "vitest";
import { decorateFile } from "../../src/eml/decorate-file.ts";
import { OPTIONS, RECIPIENT, revealed } from "../decorate/mail.ts";
import { lines, read } from "./mime.ts";

describe("decorating an email file", () => {
  /** A mailing list's footer and a second rendering beside a newsletter, each with links of the others. */
  const footed = lines(
    'Content-Type: multipart/mixed; boundary="outer"',
    "",
    "--outer",
    'Content-Type: multipart/alternative; boundary="inner"',
    "",
    "--inner",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "https://a.example/reset?k=1 https://a.example/second https://a.example/news",
    "--inner",
    "Content-Type: text/html; charset=utf-8",
    "",
    '<a href="https://a.example/reset?k=1" data-no-track>reset</a> <a href="https://a.example/news">news</a>',
    "--inner--",
    "--outer",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "Footer: https://a.example/reset?k=1 https://a.example/second https://a.example/news",
    "--outer",
    "Content-Type: text/html; charset=utf-8",
    "",
    '<a href="https://a.example/second" data-no-track>two</a> <a href="https://a.example/news">news</a>',
    "--outer--",
    "",
  );

  it("lets an opt-out in any HTML part hold in every text part", async () => {
    const file = { format: "eml" as const, ...(await read(footed)) };
    const { texts, links, headers } = decorateFile(file, OPTIONS, RECIPIENT);
    const [text, html, footer, second] = file.parts.map((part) =>
      revealed(texts.get(part) ?? "")
        .replace("⟦pixel⟧", "")
        .trimEnd(),
    );
    expect(text).toBe("https://a.example/reset?k=1 https://a.example/second ⟦https://a.example/news⟧");
    expect(footer).toBe("Footer: https://a.example/reset?k=1 https://a.example/second ⟦https://a.example/news⟧");
    const news = '<a href="⟦https://a.example/news⟧">news</a>';
    expect(html).toBe(`<a href="https://a.example/reset?k=1" data-no-track>reset</a> ${news}`);
    expect(second).toBe(`<a href="https://a.example/second" data-no-track>two</a> ${news}`);
    expect(links.map(({ url }) => url)).toEqual(["https://a.example/news"]);
    const messages = [...texts.values()].flatMap((each) => each.match(/\/o\/[\w-]+/g) ?? []);
    expect(messages).toHaveLength(2);
    expect(headers["X-Waxseal-Message"]).toMatch(/./);
  });

  it("without text still gives it its header", async () => {
    const file = { format: "eml" as const, ...(await read("Subject: a\r\nContent-Type: image/png\r\n\r\nx")) };
    expect(decorateFile(file, OPTIONS, RECIPIENT)).toMatchObject({ links: [], message: expect.stringMatching(/./) });
  });
});
