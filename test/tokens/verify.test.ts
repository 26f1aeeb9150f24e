import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TokenUse } from "../../src/tokens/claims.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { runs } from "../fuzz.ts";
import { signables } from "./arbitrary.ts";
import { KEYS, keysOf, MESSAGE, SECRETS } from "./keyring.ts";
import { base64url, unbase64url } from "./reference.ts";

const USES: readonly TokenUse[] = ["open", "click", "unsubscribe", "message", "optout"];
const ALPHABET = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"];

// Faster than an assertion for each of the hundred thousand texts of a run; what was accepted shows in the failure.
function accepted(texts: Iterable<string>, use: TokenUse, keys = KEYS): string[] {
  return [...texts].filter((text) => verifyToken(keys, use, text).ok);
}

function withLetter(token: string, at: number, letter: string): string {
  return token.slice(0, at) + letter + token.slice(at + 1);
}

/** Whether `cut` is `token` without the characters at its end that mail clients leave out, of which two are added. */
function isCutByMailClients(token: string, cut: string): boolean {
  return token.startsWith(cut) && /^[-_]{1,2}$/.test(token.slice(cut.length));
}

/** A token that ends in `ending`. */
function signedEndingIn(ending: string, use: TokenUse) {
  const link = { id: "9c1f00ab", url: "https://shop.example.com/" };
  for (let n = 0; ; n++) {
    const message = { ...MESSAGE, person: "p".repeat(1 + (n % 3)), campaign: String(100_000 + n) };
    const token = signToken(KEYS, use, { ...message, link, send: "7" });
    if (token.endsWith(ending)) return { token, claims: message };
  }
}

describe("verifying", () => {
  it("returns the claims that were signed", () => {
    fc.assert(
      fc.property(signables, ({ use, claims }) => {
        expect(verifyToken(KEYS, use, signToken(KEYS, use, claims))).toEqual({ ok: true, value: claims });
      }),
      runs(5_000),
    );
  });

  it("ignores what mail clients append to a token", () => {
    const junk = fc
      .tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.string({ unit: "binary" }))
      .filter(([first]) => !ALPHABET.includes(first));
    fc.assert(
      fc.property(signables, junk, ({ use, claims }, [first, rest]) => {
        const token = signToken(KEYS, use, claims);
        expect(verifyToken(KEYS, use, token + first + rest)).toEqual({ ok: true, value: claims });
        expect(verifyToken(KEYS, use, `${token}.gif`)).toEqual({ ok: true, value: claims });
      }),
      runs(2_000),
    );
  });

  it("rejects a token with any one bit changed", () => {
    fc.assert(
      fc.property(signables, ({ use, claims }) => {
        const bytes = unbase64url(signToken(KEYS, use, claims));
        const changed = bytes.flatMap((byte, at) =>
          [1, 2, 4, 8, 16, 32, 64, 128].map((bit) => base64url(bytes.with(at, byte ^ bit))),
        );
        expect(accepted(changed, use)).toEqual([]);
      }),
      runs(40),
    );
  });

  it("rejects a token with any one character changed to any other of the alphabet", () => {
    const link = { id: "9c1f00ab", url: "https://shop.example.com/?a=b#c" };
    const claims = { ...MESSAGE, link, send: "7" };
    for (const use of USES) {
      const token = signToken(KEYS, use, claims);
      const changed = [...token].flatMap((letter, at) =>
        ALPHABET.filter((other) => other !== letter).map((other) => withLetter(token, at, other)),
      );
      expect(accepted(changed, use)).toEqual([]);
    }
  });

  it("rejects a token with any one character changed to one any number of steps on in the alphabet", () => {
    fc.assert(
      fc.property(signables, fc.integer({ min: 1, max: 63 }), ({ use, claims }, steps) => {
        const token = signToken(KEYS, use, claims);
        const changed = [...token].map((letter, at) =>
          withLetter(token, at, ALPHABET[(ALPHABET.indexOf(letter) + steps) % 64] ?? ""),
        );
        expect(accepted(changed, use)).toEqual([]);
      }),
      runs(200),
    );
  });

  it("rejects a token cut at any length, from behind or from the front, unless mail clients cut so", () => {
    fc.assert(
      fc.property(signables, ({ use, claims }) => {
        const token = signToken(KEYS, use, claims);
        const bytes = unbase64url(token);
        const cuts = [...token].flatMap((_, at) => [token.slice(0, at), token.slice(at + 1)]);
        const byteCuts = bytes.flatMap((_, at) => [base64url(bytes.slice(0, at)), base64url(bytes.slice(at + 1))]);
        const rightly = (cut: string) => isCutByMailClients(token, cut);
        expect(accepted([...cuts, ...byteCuts], use).filter((cut) => !rightly(cut))).toEqual([]);
      }),
      runs(200),
    );
  });

  it.each([
    ["-", ["open", "click", "unsubscribe"]],
    ["_", ["open", "click", "unsubscribe"]],
    ["--", ["click"]],
    ["-_", ["click"]],
    ["_-", ["unsubscribe"]],
    ["__", ["open"]],
  ] as const)("accepts a token without %s at its end, which mail clients leave out of links", (ending, uses) => {
    for (const use of uses) {
      const { token, claims } = signedEndingIn(ending, use);
      const cut = token.slice(0, -ending.length);
      for (const text of [cut, `${cut})`])
        expect(verifyToken(KEYS, use, text)).toMatchObject({ ok: true, value: claims });
      for (const other of USES.filter((each) => each !== use)) expect(verifyToken(KEYS, other, cut).ok).toBe(false);
      expect(verifyToken(keysOf(`2:${SECRETS.c}`), use, cut)).toEqual({ ok: false, reason: expect.any(String) });
    }
  });

  it("rejects a message token without its end, because it is in no link", () => {
    const { token } = signedEndingIn("-", "message");
    expect(verifyToken(KEYS, "message", token.slice(0, -1)).ok).toBe(false);
  });

  it("rejects a token that lost any other character at its end, or more", () => {
    fc.assert(
      fc.property(signables, ({ use, claims }) => {
        const token = signToken(KEYS, use, claims);
        const cuts = [1, 2, 3, 4].map((length) => token.slice(0, -length));
        expect(accepted(cuts, use).filter((cut) => !isCutByMailClients(token, cut))).toEqual([]);
      }),
      runs(2_000),
    );
  });

  it("rejects a token with characters of the alphabet put in anywhere", () => {
    const letters = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(signables, letters, ({ use, claims }, more) => {
        const token = signToken(KEYS, use, claims);
        const longer = [...token, ""].map((_, at) => token.slice(0, at) + more + token.slice(at));
        expect(accepted(longer, use)).toEqual([]);
      }),
      runs(200),
    );
  });

  it("rejects a token for any other use, also when its first byte is changed to that use", () => {
    fc.assert(
      fc.property(signables, ({ use, claims }) => {
        const token = signToken(KEYS, use, claims);
        const bytes = unbase64url(token);
        for (const other of USES.filter((each) => each !== use)) {
          expect(verifyToken(KEYS, other, token)).toEqual({ ok: false, reason: "wrong_use" });
          const disguised = base64url(bytes.with(0, 0x11 + USES.indexOf(other)));
          expect(verifyToken(KEYS, other, disguised)).toEqual({ ok: false, reason: "forged" });
        }
      }),
      runs(500),
    );
  });

  it("rejects a token under any other key, also when it names that key", () => {
    const { a, b, c } = SECRETS;
    fc.assert(
      fc.property(signables, ({ use, claims }) => {
        const token = signToken(KEYS, use, claims);
        expect(verifyToken(keysOf(`1:${a}`), use, token)).toEqual({ ok: false, reason: "unknown_key" });
        expect(verifyToken(keysOf(`2:${c}`), use, token)).toEqual({ ok: false, reason: "forged" });
        const renamed = base64url(unbase64url(token).with(1, 1));
        expect(verifyToken(KEYS, use, renamed)).toEqual({ ok: false, reason: "forged" });
        // The same secret under another id: the id is authenticated too.
        expect(verifyToken(keysOf(`1:${b}`), use, renamed)).toEqual({ ok: false, reason: "forged" });
      }),
      runs(200),
    );
  });

  it("accepts nothing that was not signed", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(...ALPHABET), maxLength: 200 }),
      fc.uint8Array({ minLength: 16, maxLength: 120 }).map((bytes) => base64url([0x11, 2, ...bytes])),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom(...USES), (text, use) => {
        expect(verifyToken(KEYS, use, text).ok).toBe(false);
      }),
      runs(10_000),
    );
  });

  it("rejects what is longer than any token and its junk without reading it", () => {
    const token = signToken(KEYS, "open", MESSAGE);
    const room = 24_576 - token.length;
    expect(verifyToken(KEYS, "open", token + ".".repeat(room))).toEqual({ ok: true, value: MESSAGE });
    expect(verifyToken(KEYS, "open", token + ".".repeat(room + 1))).toEqual({
      ok: false,
      reason: "too_long",
    });
    expect(verifyToken(KEYS, "open", "E".repeat(24_576))).toEqual({ ok: false, reason: "malformed" });
    expect(verifyToken(KEYS, "open", "E".repeat(10_000_000))).toEqual({ ok: false, reason: "too_long" });
  });

  it("verifies as before after a long token and a rejected one", () => {
    const token = signToken(KEYS, "open", MESSAGE);
    const long = { ...MESSAGE, link: { id: "1", url: `https://a/${"p".repeat(9_000)}` } };
    expect(verifyToken(KEYS, "click", signToken(KEYS, "click", long))).toEqual({ ok: true, value: long });
    expect(verifyToken(KEYS, "open", token.slice(1)).ok).toBe(false);
    expect(verifyToken(KEYS, "open", token)).toEqual({ ok: true, value: MESSAGE });
  });
});
