import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorText } from "../../src/platform/logger.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { signables } from "../tokens/arbitrary.ts";
import { KEYS } from "../tokens/keyring.ts";

describe("an error's words for the log", () => {
  it.each([
    "Error: D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
    "Error: D1_ERROR: UNIQUE constraint failed: events.id: SQLITE_CONSTRAINT_PRIMARYKEY",
    "Error: queue did not answer within 5000 ms",
    "TypeError: Cannot read properties of undefined (reading 'email')",
    "Error: Durable Object reset because its code was updated.",
    "Error: D1_ERROR: no such table: suppressions: SQLITE_ERROR",
  ])("are all of them where they quote nothing: %s", (words) => {
    expect(errorText(words)).toBe(words);
  });

  it("are without what could not be read as JSON", () => {
    for (const text of ['{"to": marie@example.net}', "FAE-secret", '["a" "b"]', '{"a": "b', "marie"]) {
      const error = attempt(() => JSON.parse(text));
      expect(errorText(error)).toMatch(/^SyntaxError: /);
      expect(errorText(error)).not.toMatch(/marie|secret|"a|b/);
    }
  });

  it("hold no token of any kind, wherever it stands", () => {
    fc.assert(
      fc.property(signables, fc.constantFrom("", " ", "/c/", "=", "<", "'"), ({ use, claims }, before) => {
        const token = (signToken as (keys: typeof KEYS, use: string, claims: unknown) => string)(
          KEYS,
          use,
          claims,
        );
        expect(errorText(new Error(`no ${before}${token}.gif`))).toBe(`Error: no ${before}….gif`);
      }),
    );
  });

  it("hold no address", () => {
    for (const [words, said] of [
      ["550 <marie.dupont+x@mail.example.net> unknown", "550 <…@…> unknown"],
      ["bind marie@example.net, basile@example.org", "bind …@…, …@…"],
      ["(été@exämple.fr)", "(…@…)"],
    ] as const)
      expect(errorText(words)).toBe(said);
  });

  it("are no more than three hundred characters, and text", () => {
    const words = errorText(new Error("🦭 ".repeat(1_000)));
    expect(words.length).toBeLessThanOrEqual(300);
    expect(words.isWellFormed()).toBe(true);
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
