/**
 * Bindings that all fail, with errors that quote their arguments, and the secrets that no log line may contain: a
 * token, an address, a user agent or a key, not even a part of one.
 */
import { afterEach, beforeEach, expect, vi } from "vitest";
import { knowing } from "../delivery/signed-webhooks.ts";
import { ask, newMessage, token } from "../worker.ts";

export const MESSAGE = newMessage();
export const ADDRESS = "Marie.Dupont+news@lavande-mail.example";
export const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
export const LINK = { id: "a1b2c3d4", url: "https://shop.example/private?order=48213" };
export const TOKENS = {
  o: token("open", MESSAGE),
  c: token("click", { ...MESSAGE, link: LINK }),
  u: token("unsubscribe", MESSAGE),
  message: token("message", { ...MESSAGE, send: "s1" }),
};
export const API_KEY = "wxs_dev_test";
export const VISIT = { "User-Agent": USER_AGENT, "CF-Connecting-IP": "203.0.113.9" };
export const BEARER = { ...VISIT, Authorization: `Bearer ${API_KEY}` };

/** As long a part of a secret as no line may hold. */
const PART = 12;
export const partsOf = (secret: string) => [secret.slice(0, PART), secret.slice(-PART)];

const SECRETS = [
  ...Object.values(TOKENS).flatMap(partsOf),
  ADDRESS,
  ADDRESS.toLowerCase(),
  "lavande-mail.example",
  "203.0.113.9",
  "Gecko",
  "Firefox",
  LINK.url,
  API_KEY,
];

export const lines: string[] = [];

/** Keeps the lines that each test of a file logs in `lines`. */
export function keepLines(): void {
  beforeEach(() => {
    lines.length = 0;
    for (const level of ["debug", "log", "info", "warn", "error"] as const)
      vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void lines.push(words.join(" ")));
  });
  afterEach(() => vi.restoreAllMocks());
}

/** That something was said, or nothing, and no secret. */
export function expectLines(count: "some" | 0): void {
  if (count === 0) expect(lines).toEqual([]);
  else expect(lines.length).toBeGreaterThan(0);
  expectNoSecretIn(lines.join("\n"));
}

export function expectNoSecretIn(text: string): void {
  expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
}

/** Fails at every call, and says with what it was called. */
export function quoting<T>(words: string): T {
  const fail = (...given: readonly unknown[]): never => {
    throw new Error(
      `${words}: ${given.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(" ")}`,
    );
  };
  const statement = (given: readonly unknown[]): object =>
    new Proxy(
      {},
      {
        get: (_, name) =>
          name === "bind"
            ? (...values: readonly unknown[]) => statement(values)
            : name === "given"
              ? given
              : async () => fail(...given),
      },
    );
  const batch = async (statements: readonly { readonly given: readonly unknown[] }[]) =>
    fail(...statements.flatMap(({ given }) => given));
  const stub = (name: string) =>
    new Proxy(
      {},
      {
        get:
          () =>
          async (...given: readonly unknown[]) =>
            fail(name, ...given),
      },
    );
  return {
    prepare: () => statement([]),
    batch,
    send: async (body: unknown) => fail(body),
    getByName: stub,
  } as T;
}

export const D1_DOWN = "D1_ERROR: cannot bind";

/** A Worker that knows all providers, and nothing of which works. */
export function broken(replaced: Partial<Env> = {}): Env {
  return knowing({
    DB: quoting(D1_DOWN),
    EVENTS: quoting("Queue send failed"),
    OPENS: quoting("the gate cannot take"),
    OUTBOX: quoting("the outbox cannot take"),
    EXTRACTS: quoting("no extract of"),
    RETRIES: quoting("no retry of"),
    ...replaced,
  });
}

export const post = (path: string, body: BodyInit, headers: Record<string, string>, around: Env) =>
  ask(path, { method: "POST", body, headers }, around);
