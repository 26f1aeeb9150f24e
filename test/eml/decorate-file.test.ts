import { describe, expect, it } from "vitest";
import { decorateFile } from "../../src/eml/decorate-file.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { OPTIONS, ORIGIN, RECIPIENT, revealed } from "../decorate/mail.ts";
import { KEYS } from "../tokens/keyring.ts";
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

  it("says that links of another copy stay in what is left as it is, which would count for somebody else", async () => {
    const leave = `${ORIGIN}/u/${signToken(KEYS, "unsubscribe", { email: "1", person: "tester", campaign: "5" })}`;
    const encoded = lines(
      "Content-Type: text/html",
      "Content-Transfer-Encoding: base64",
      "",
      btoa(`<a href=${leave}>`),
    );
    const quoted = `${leave.slice(0, 40)}=\r\n${leave.slice(40)}`;
    const forged = Array.from({ length: 3_000 }, (_, n) => `${leave}${String(n).padStart(4, "0")} `).join("\r\n");
    const cases: readonly (readonly [type: string, body: string, place: string | undefined])[] = [
      ["text/calendar", `URL:${leave}`, "The text/calendar part"],
      ["text/x-amp-html", `<a href="${leave}">`, "The text/x-amp-html part"],
      ["text/html; name=a.html", `<a href="${leave}">`, "The text/html part"],
      [
        "text/plain\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: quoted-printable",
        quoted,
        "The text/plain part",
      ],
      ["message/rfc822", encoded, "An attached message"],
      ["message/rfc822", lines("Content-Type: message/rfc822", "", encoded), "An attached message"],
      ["text/calendar", "URL:https://a.example/u/1", undefined],
      ["image/png", leave, undefined],
      ["text/calendar", forged, "The text/calendar part holds more tokens"],
    ];
    for (const [type, body, place] of cases) {
      const message = lines(
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        `Content-Type: ${type}`,
        "",
        body,
        "--b--",
      );
      const file = { format: "eml" as const, ...(await read(message)) };
      expect(decorateFile(file, OPTIONS, RECIPIENT).remarks).toEqual(
        place === undefined ? [] : [expect.stringMatching(new RegExp(`^${place} .*keeps? links of another copy: `))],
      );
    }
  });
});
