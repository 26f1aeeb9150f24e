/** Words of languages without spaces in a plain text, right behind a URL. */
import { describe, expect, it } from "vitest";
import { text, warnings } from "./mail.ts";

const codes = (source: string) => warnings({ text: source }).map(([code, url]) => [code, url]);

describe("words right behind a URL in a plain text", () => {
  it.each([
    ["点击：⟦https://example.com/⟧点击", true],
    ["参考，⟦https://example.com/a/⟧谢谢。", true],
    ["请看⟦https://example.com/⟧谢谢", true],
    ["请看⟦https://example.com/?q=⟧谢谢", true],
    ["点击:⟦https://example.com/点击⟧", true],
    ["URL：⟦https://example.com/点击⟧。", true],
    ["⟦https://example.com/谢谢⟧，再见", true],
    ["⟦https://example.com/?a=1&⟧谢谢", false],
    ["⟦https://example.com/?a=1&名前=次&b=2⟧ 。", false],
    ["⟦https://example.com/⟧까지요", false],
    ["⟦https://example.com/a?b=⟧에서는 ⟦https://example.com/⟧부터요.", false],
    ["见 ⟦https://ja.wikipedia.org/wiki/日本⟧ 。", false],
    ["见（⟦https://ja.wikipedia.org/wiki/日本⟧）。", false],
    ["⟦https://ja.wikipedia.org/wiki/日本⟧", false],
    ["⟦https://ja.wikipedia.org/wiki/日本⟧\n⟦https://例え.jp⟧\n", false],
    ["⟦https://example.com/2024⟧年12月号.pdf 。", true],
    ["⟦https://example.com/2024⟧をnode.jsで", false],
    ["⟦https://example.com/2024⟧年，node.js", false],
    ["请看⟦https://例え.jp/a⟧谢谢，⟦https://example.com⟧谢谢", false],
  ])("are left out where their readers end it, and warned of where nobody can know: %s", (marked, isWarned) => {
    const source = marked.replaceAll(/[⟦⟧]/g, "");
    expect(text(source)).toBe(marked);
    const [, url] = /⟦(.*?)⟧/.exec(marked) ?? [];
    expect(codes(source)).toEqual(isWarned ? [["uncertain_end", url]] : []);
  });
});
