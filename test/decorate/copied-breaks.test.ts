/** URLs of another copy that the source shows in pieces: with places where a line may break, or with tags inside. */
import { describe, expect, it } from "vitest";
import { signToken } from "../../src/tokens/sign.ts";
import { KEYS } from "../tokens/keyring.ts";
import { html, ORIGIN, text, warnings } from "./mail.ts";

const OLD_MESSAGE = { email: "1", person: "tester", campaign: "5" };
const PATH = `/c/${signToken(KEYS, "click", { ...OLD_MESSAGE, link: { id: "l", url: "https://x.com/a" } })}`;
const LEAVE = `/u/${signToken(KEYS, "unsubscribe", OLD_MESSAGE)}`;

const BREAKS = [
  "<wbr>",
  "<wbr/>",
  '<wbr class="x">',
  "&shy;",
  "&#8203;",
  "&#x200B;",
  "&ZeroWidthSpace;",
  "\u00ad",
  "\u200b",
];

describe("a URL of another copy", () => {
  it.each(BREAKS)("is written anew where lines may break in it: %j", (at) => {
    const inToken = `${ORIGIN}${PATH.slice(0, 30)}${at}${PATH.slice(30, 60)}${at}${PATH.slice(60)}`;
    expect(html(`<p>${inToken}, x</p>`)).toBe(`<p>⟦https://x.com/a⟧${at}${at}, x</p>`);
    expect(html(`<a data-link-name="y" href="https://y.com">${inToken}</a>`)).toBe(
      `<a href="⟦https://y.com⟧">⟦https://x.com/a⟧${at}${at}</a>`,
    );
    const inHost = `https://t.exam${at}ple.com${LEAVE}`;
    expect(html(`<p>${inHost}</p>`)).toBe(`<p>⟦unsubscribe⟧${at}</p>`);
    expect(html(`<p>https:${at}//t.example.com/u${at}${LEAVE.slice(2)}</p>`)).toBe(`<p>⟦unsubscribe⟧${at}${at}</p>`);
  });

  it("is written anew where tags stand in it, which stay", () => {
    const [front, middle, end] = [PATH.slice(0, 3), PATH.slice(3, 40), PATH.slice(40)];
    const marked = `<b>${ORIGIN}</b>${front}<span style="color:red">${middle}</span>${end}`;
    expect(html(`<p>${marked}</p>`)).toBe('<p><b>⟦https://x.com/a⟧</b><span style="color:red"></span></p>');
    expect(warnings(`<p>${marked}</p>`)).toEqual([["copied", `${ORIGIN}${PATH}`]]);
    expect(html(`<b>so</b>${ORIGIN}${LEAVE}<i>and</i>`)).toBe("<b>so</b>⟦unsubscribe⟧<i>and</i>");
  });

  it("is written anew in plain text, too", () => {
    expect(text(`${ORIGIN}${PATH.slice(0, 30)}\u200b${PATH.slice(30)} x`)).toBe("⟦https://x.com/a⟧\u200b x");
  });
});

it("a link that shows its own host with a place to break in it is not warned of", () => {
  for (const at of BREAKS) expect(warnings(`<a href="https://x.com/a">https://x.c${at}om/a</a>`)).toEqual([]);
  expect(warnings('<a href="https://x.com/a">https://y.c&shy;om/a</a>').map(([code]) => code)).toEqual([
    "shows_other_host",
  ]);
});
