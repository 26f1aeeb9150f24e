import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { errorText, logger, Unredacted } from "../../src/platform/logger.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { runs } from "../fuzz.ts";
import { signables } from "../tokens/arbitrary.ts";
import { KEYS, MESSAGE } from "../tokens/keyring.ts";

const TOKEN = signToken(KEYS, "open", MESSAGE);
const UUID = "6f1e8c1a-0b7e-4a55-9d0e-2f6a9f3c5b11";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The line that the logger writes, and the console's method that it calls. */
function logged(level: "info" | "warn" | "error", fields?: Record<string, unknown>): unknown {
  const method = level === "info" ? "log" : level;
  const line = vi.spyOn(console, method).mockImplementation(() => {});
  logger[level]("something happened", fields);
  expect(line).toHaveBeenCalledOnce();
  return JSON.parse(String(line.mock.calls[0]?.[0]));
}

describe("a line of the log", () => {
  it.each(["info", "warn", "error"] as const)("is one JSON object on its level: %s", (level) => {
    expect(logged(level, { count: 2, isLate: true, none: null })).toEqual({
      message: "something happened",
      count: 2,
      isLate: true,
      none: null,
    });
  });

  it("needs no fields", () => {
    expect(logged("info")).toEqual({ message: "something happened" });
  });

  it("holds no address and no token, whatever the field is called", () => {
    const line = logged("warn", {
      path: `/c/${TOKEN}`,
      to: "marie@example.net",
      list: [TOKEN, "basile@example.org"],
      error: new Error(`no ${TOKEN} of marie@example.net`),
      other: new Error("of marie@example.net"),
    });
    expect(line).toEqual({
      message: "something happened",
      path: "/c/…",
      to: "…@…",
      list: ["…", "…@…"],
      error: "Error: no … of …@…",
      other: "Error: of …@…",
    });
  });

  it("keeps ids, which operators need: UUIDs, retries' ids and queue messages' ids", () => {
    const ids = { uuid: UUID, retry: `${UUID}-3`, queueMessage: "0123456789abcdef0123456789abcdef" };
    expect(logged("warn", ids)).toMatchObject(ids);
  });

  it("never prints an object's fields", () => {
    expect(logged("warn", { settings: { secret: "whsec_x" } })).toMatchObject({
      settings: "[object Object]",
    });
  });

  it("prints a text as it is when it was made for the log", () => {
    const rows = `1["${TOKEN}"]`;
    expect(logged("error", { rows: new Unredacted(rows) })).toMatchObject({ rows });
  });
});

describe("an error's text for the log", () => {
  it.each([
    "Error: D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
    "Error: D1_ERROR: UNIQUE constraint failed: events.id: SQLITE_CONSTRAINT_PRIMARYKEY",
    "Error: queue did not answer within 5000 ms",
    "TypeError: Cannot read properties of undefined (reading 'email')",
    "Error: Durable Object reset because its code was updated.",
    "Error: D1_ERROR: no such table: suppressions: SQLITE_ERROR",
  ])("is complete when it quotes nothing: %s", (words) => {
    expect(errorText(words)).toBe(words);
  });

  it("is without text that could not be parsed as JSON", () => {
    for (const text of ['{"to": marie@example.net}', "FAE-secret", '["a" "b"]', '{"a": "b', "marie"]) {
      const error = attempt(() => JSON.parse(text));
      expect(errorText(error)).toMatch(/^SyntaxError: /);
      expect(errorText(error)).not.toMatch(/marie|secret|"a|b/);
    }
  });

  it("holds no token of any use, wherever it is", () => {
    fc.assert(
      fc.property(signables, fc.constantFrom("", " ", "/c/", "=", "<", "'"), ({ use, claims }, before) => {
        const token = (signToken as (keys: typeof KEYS, use: string, claims: unknown) => string)(KEYS, use, claims);
        expect(errorText(new Error(`no ${before}${token}.gif`))).toBe(`Error: no ${before}….gif`);
      }),
      runs(400),
    );
  });

  it("holds no address", () => {
    for (const [words, said] of [
      ["550 <marie.dupont+x@mail.example.net> unknown", "550 <…@…> unknown"],
      ["bind marie@example.net, basile@example.org", "bind …@…, …@…"],
      ["(été@exämple.fr)", "(…@…)"],
    ] as const)
      expect(errorText(words)).toBe(said);
  });

  it("has at most three hundred characters, and no half surrogate pair", () => {
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
