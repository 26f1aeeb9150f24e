/** URLs of another copy that the source shows in pieces, with places where a line may break or tags, or encoded. */
import { describe, expect, it } from "vitest";
import { signToken } from "../../src/tokens/sign.ts";
import { KEYS } from "../tokens/keyring.ts";
import { html, ORIGIN, text, warnings } from "./mail.ts";

const OLD_MESSAGE = { email: "1", person: "tester", campaign: "5" };
const PATH = `/c/${signToken(KEYS, "click", { ...OLD_MESSAGE, link: { id: "l", url: "https://x.com/a" } })}`;
const OPENED = signToken(KEYS, "open", OLD_MESSAGE);
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
  "&shy",
  "&#0173;",
  "&lrm;",
  "&NoBreak;",
  "\u034f",
  "<!-- x -->",
  "<!--[if mso]>x<![endif]-->",
  "<a name=x></a>",
  "<abbr></abbr>",
  "<label></label>",
  "<o:p></o:p>",
  "</b><style>p{}</style>",
];

describe("a URL of another copy", () => {
  it.each(BREAKS)("is written anew where lines may break in it: %j", (at) => {
    const inToken = `${ORIGIN}${PATH.slice(0, 30)}${at}${PATH.slice(30, 60)}${at}${PATH.slice(60)}`;
    expect(html(`<p>${inToken}, x</p>`)).toBe(`<p>⟦https://x.com/a⟧${at}${at}, x</p>`);
    expect(html(`<a href="https://y.com">${inToken}</a>`)).toBe(
      `<a href="⟦https://y.com⟧">⟦https://x.com/a⟧${at}${at}</a>`,
    );
    const inHost = `https://t.exam${at}ple.com${LEAVE}`;
    expect(html(`<p>${inHost}</p>`)).toBe(`<p>⟦unsubscribe⟧${at}</p>`);
    expect(html(`<p>https:${at}//t.example.com/u${at}${LEAVE.slice(2)}</p>`)).toBe(`<p>⟦unsubscribe⟧${at}${at}</p>`);
    expect(html(`<p>Or <i>t.exam${at}ple.com/u</i>${at}${LEAVE.slice(2)}</p>`)).toBe(
      `<p>Or <i>⟦unsubscribe⟧${at}</i>${at}</p>`,
    );
  });

  it("is written anew where it contains tags, which stay", () => {
    const [front, middle, end] = [PATH.slice(0, 3), PATH.slice(3, 40), PATH.slice(40)];
    const marked = `<b>${ORIGIN}</b>${front}<span style="color:red">${middle}</span>${end}`;
    expect(html(`<p>${marked}</p>`)).toBe('<p><b>⟦https://x.com/a⟧</b><span style="color:red"></span></p>');
    expect(warnings(`<p>${marked}</p>`)).toEqual([["copied", `${ORIGIN}${PATH}`]]);
    expect(html(`<b>so</b>${ORIGIN}${LEAVE}<i>and</i>`)).toBe("<b>so</b>⟦unsubscribe⟧<i>and</i>");
    expect(html(`<b>${ORIGIN}/u</b><br>${LEAVE.slice(2)}<p>x`)).toBe(`<b>${ORIGIN}/u</b><br>${LEAVE.slice(2)}<p>x`);
  });

  const references = (write: (code: number) => string) => (address: string) =>
    Array.from(address, (each) => write(each.charCodeAt(0))).join("");
  const percent = (address: string, from: number) =>
    address.slice(0, from) + references((code) => `%${code.toString(16)}`)(address.slice(from));

  it.each<[string, (address: string) => string]>([
    ["a percent-encoded token", (address) => percent(address, `${ORIGIN}/u/`.length)],
    ["half of a token percent-encoded", (address) => percent(address, 50)],
    ["letter and token percent-encoded", (address) => percent(address, `${ORIGIN}/`.length)],
    ["a token percent-encoded twice", (address) => percent(address, 50).replaceAll("%", "%25")],
    ["decimal references", references((code) => `&#${code};`)],
    ["hexadecimal references", references((code) => `&#X${code.toString(16).padStart(4, "0")};`)],
    [
      "references without a semicolon",
      (address) => `&#104;${address.slice(1, 40)}&#${address.charCodeAt(40)}&shy;${address.slice(41)}`,
    ],
    ["backslashes", (address) => address.replaceAll("/", "\\")],
    ["references of backslashes", (address) => address.replaceAll("/", "&bsol;")],
    ["names without a number", (address) => address.replaceAll("/", "&sol;").replaceAll(":", "&colon;")],
    ["slashes of JSON, percent-encoded", (address) => address.replaceAll("/", "%5C%2F").replace(":", "%3A")],
    ["slashes of JSON as numbers", (address) => address.replaceAll("/", "\\u002F").replace(":", "\\u003a")],
    ["one slash behind the scheme", (address) => address.replace("//", "/")],
    ["nothing in front of the path", (address) => address.slice(ORIGIN.length)],
  ])("is written anew in running text that has %s", (_, way) => {
    for (const [token, becomes] of [
      [PATH.slice(1), "https://x.com/a"],
      [LEAVE.slice(1), "unsubscribe"],
    ]) {
      const address = way(`${ORIGIN}/${token}`);
      expect(html(`<p title="${address}">See ${address}, ${address}</p>`)).toBe(
        `<p title="⟦${becomes}⟧">See ⟦${becomes}⟧, ⟦${becomes}⟧</p>`.replaceAll(
          "⟧",
          address.includes("&shy;") ? "⟧&shy;" : "⟧",
        ),
      );
      if (!address.includes("&shy;"))
        expect(text(`See (${address}), ${address}`)).toBe(`See (⟦${becomes}⟧), ⟦${becomes}⟧`);
      expect(warnings(address).map(([code]) => code)).toEqual(["copied"]);
    }
    const pixel = way(`${ORIGIN}/o/${OPENED}.gif`);
    expect(html(`<p>${pixel}.</p>`).replace("&shy;", "")).toBe("<p>.</p>");
  });

  it("is written anew in a text that goes on behind it without a space that is seen", () => {
    for (const at of ["\u200b", "&#8203;", "&shy;"])
      expect(html(`<p>${references((code) => `&#${code};`)(ORIGIN + LEAVE)}${at}and</p>`)).toBe(
        `<p>⟦unsubscribe⟧${at}and</p>`,
      );
    expect(html(`<p>${ORIGIN}<b>${LEAVE.slice(0, 9)}</b>${LEAVE.slice(9)}&zwnj;and</p>`)).toBe(
      "<p>⟦unsubscribe⟧<b></b>&zwnj;and</p>",
    );
  });

  it("is written anew in plain text, too", () => {
    expect(text(`${ORIGIN}${PATH.slice(0, 30)}\u200b${PATH.slice(30)} x`)).toBe("⟦https://x.com/a⟧\u200b x");
    expect(text(`${ORIGIN}${PATH.slice(0, 30)}&shy;${PATH.slice(30)}&amp;x`)).toBe("⟦https://x.com/a⟧&shy;&amp;x");
  });

  it("is written anew where dashes are right behind it", () => {
    for (const dashes of ["-", "--", "---", "&#45;"]) {
      expect(html(`<p>${ORIGIN}${LEAVE}${dashes} or`)).toMatch(/^<p>⟦unsubscribe⟧.* or$/);
      expect(text(`${ORIGIN}${LEAVE}${dashes} or`)).toMatch(/^⟦unsubscribe⟧.* or$/);
    }
  });

  it("is written anew however many pieces it is in", () => {
    const wrapped = `https://scan.example/?u=${ORIGIN}${LEAVE}&x=${"a\u00ad".repeat(150_000)}`;
    expect(text(wrapped)).toBe(`⟦unsubscribe⟧${"\u00ad".repeat(150_000)}`);
  });
});

it("a link that shows its own host with a place to break in it is not warned of", () => {
  for (const at of BREAKS.filter((each) => !/^<a|<style/.test(each)))
    expect(warnings(`<a href="https://x.com/a">https://x.c${at}om/a</a>`)).toEqual([]);
  expect(warnings('<a href="https://x.com/a">https://y.c&shy;om/a</a>').map(([code]) => code)).toEqual([
    "shows_other_host",
  ]);
});
