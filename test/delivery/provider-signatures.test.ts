/** How single providers sign, where they differ from the others. */
import { describe, expect, it } from "vitest";
import { PROVIDERS } from "../../src/delivery/providers/index.ts";
import { ORIGIN } from "../worker.ts";
import { knowing, speakers } from "./signed-webhooks.ts";
import { brevo } from "./speakers/brevo.ts";
import { mailtrap, mailtrapPost } from "./speakers/mailtrap.ts";
import { mandrill, mandrillPost } from "./speakers/mandrill.ts";
import { oldPostalPost, postal, postalSignature } from "./speakers/postal.ts";
import type { SignedWebhook } from "./speakers/speaker.ts";
import { unisenderGo, unisenderGoPost } from "./speakers/unisender-go.ts";

const ADDRESS = "marie@example.net";

/** What happens to it: "1 reported", "0 reported", or why it is rejected. */
async function resultOf(
  name: string,
  { headers, body }: SignedWebhook,
  { env = knowing(), urls = [`${ORIGIN}/v1/webhooks/${name}`] }: { readonly env?: Env; readonly urls?: string[] } = {},
): Promise<string> {
  const provider = PROVIDERS.get(name);
  const webhook = { urls, headers: new Headers(headers), body: Uint8Array.from(new TextEncoder().encode(body)) };
  const context = { nowMs: Date.now(), fetch: async () => Response.error() };
  const opened = await provider?.verifiedBody(webhook, env, context);
  if (opened?.ok !== true) return opened?.reason ?? "";
  const read = provider?.read(opened.value);
  return read?.ok === true ? `${read.value.reports.length} reported, ${read.value.unreadable} unreadable` : "";
}

it("each provider has one who signs as it does", () => {
  expect(speakers.map(({ name }) => name).sort()).toEqual([...PROVIDERS.keys()].sort());
});

describe("Mandrill", () => {
  const events = mandrill.delivered("token", ADDRESS);
  const url = "https://track.example.com/v1/webhooks/mandrill";

  it("signs the URL as it was entered, which a proxy may have changed", async () => {
    expect(await resultOf("mandrill", mandrillPost(events, url))).toBe("bad_signature");
    const urls = [`${ORIGIN}/v1/webhooks/mandrill`, url];
    expect(await resultOf("mandrill", mandrillPost(events, url), { urls })).toBe("1 reported, 0 unreadable");
  });

  it("asks whether the URL works by an empty list, before it shows its key", async () => {
    const env = knowing({ MANDRILL_WEBHOOK_KEYS: "" });
    const tested = (list: string, key = "test-webhook") =>
      resultOf("mandrill", mandrillPost(list, `${ORIGIN}/v1/webhooks/mandrill`, key), { env });
    expect(await tested("[]")).toBe("0 reported, 0 unreadable");
    expect(await tested("[]", "another")).toBe("not_configured");
    expect(await tested('[{"event":"send"}]')).toBe("not_configured");
    expect(await tested(events)).toBe("not_configured");
  });
});

describe("MailerSend", () => {
  it("asks whether the URL works by a test, before it shows its key", async () => {
    const env = knowing({ MAILERSEND_SIGNING_SECRETS: "" });
    const tested = (more: object) =>
      resultOf("mailersend", { headers: {}, body: JSON.stringify({ type: "webhook.test", ...more }) }, { env });
    expect(await tested({ message: "This is a ping test message" })).toBe("0 reported, 0 unreadable");
    expect(await tested({ type: "activity.delivered" })).toBe("not_configured");
    expect(await tested({ message: "x".repeat(1_000) })).toBe("not_configured");
  });
});

describe("Brevo", () => {
  it("sends the user and the password of its URL, or a token, whichever is set", async () => {
    const body = brevo.delivered("token", ADDRESS);
    const sent = (Authorization: string, BREVO_CREDENTIALS: string) =>
      resultOf("brevo", { headers: { Authorization }, body }, { env: knowing({ BREVO_CREDENTIALS }) });
    const [pair, token] = ["brevo:a password: of 24 chars", "a-token-0123456789"];
    expect(await sent(`Basic ${btoa(pair)}`, pair)).toBe("1 reported, 0 unreadable");
    expect(await sent(`bearer ${token}`, token)).toBe("1 reported, 0 unreadable");
    for (const wrong of [`Bearer ${pair}`, `Bearer ${btoa(pair)}`, `Basic ${btoa(`${pair}s`)}`, "Basic", ""])
      expect(await sent(wrong, pair)).toBe("bad_signature");
    for (const wrong of [`Basic ${btoa(token)}`, `Basic ${token}`, `Bearer ${token}s`, token])
      expect(await sent(wrong, token)).toBe("bad_signature");
  });
});

describe("Postal", () => {
  const body = postal.delivered("token", ADDRESS);

  it("of an old version signs by SHA-1", async () => {
    expect(await resultOf("postal", oldPostalPost(body))).toBe("1 reported, 0 unreadable");
  });

  it("of a newer version is not believed by the old signature", async () => {
    const { headers } = oldPostalPost(body);
    const other = postalSignature("sha256", `${body} `);
    expect(await resultOf("postal", { headers: { ...headers, "X-Postal-Signature-256": other }, body })).toBe(
      "bad_signature",
    );
  });
});

describe("Mailtrap", () => {
  it("writes JSON Lines, of which one that cannot be read refuses no other", async () => {
    const [event] = JSON.parse(mailtrap.delivered("token", ADDRESS)).events;
    const type = { "Content-Type": "application/jsonl" };
    const lines = [JSON.stringify(event), "{", "", JSON.stringify(event)].join("\n");
    expect(await resultOf("mailtrap", mailtrapPost(lines, type))).toBe("2 reported, 1 unreadable");
    expect(await resultOf("mailtrap", mailtrapPost(JSON.stringify(event), type))).toBe("1 reported, 0 unreadable");
    expect(await resultOf("mailtrap", mailtrapPost("{\n{", type))).toBe("not_json");
  });
});

describe("Unisender Go", () => {
  it("signs what it writes, however that is spelled", async () => {
    const body = JSON.stringify(JSON.parse(unisenderGo.delivered("token", ADDRESS)), undefined, 2);
    expect(await resultOf("unisender-go", unisenderGoPost(body))).toBe("1 reported, 0 unreadable");
    const escaped = body.replace("marie", "m\\u0061rie");
    expect(await resultOf("unisender-go", unisenderGoPost(escaped))).toBe("1 reported, 0 unreadable");
  });

  it("is not read when it nests as no webhook does", async () => {
    const nested = (depth: number, text = "") =>
      unisenderGoPost(`{"event_name":"x${text}","of":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    expect(await resultOf("unisender-go", nested(63))).toBe("0 reported, 0 unreadable");
    expect(await resultOf("unisender-go", nested(64))).toBe("unsigned");
    // In a text brackets are nothing.
    expect(await resultOf("unisender-go", nested(63, `\\"${"[".repeat(99)}\\\\`))).toBe("0 reported, 0 unreadable");
  });

  it("is not believed when the signature is in no place where the key could be", async () => {
    const { headers, body } = unisenderGoPost(unisenderGo.delivered("token", ADDRESS));
    const escaped = body.replace(/(?<="auth":".{4})./, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
    expect(JSON.parse(escaped)).toEqual(JSON.parse(body));
    expect(await resultOf("unisender-go", { headers, body: escaped })).toBe("unsigned");
  });
});
