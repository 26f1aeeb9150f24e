/**
 * The sender's part of the demo: a mail system's calls of /v1. Each step checks the whole answer, and throws what was
 * wrong with it.
 */
import * as v from "valibot";
import { CommandError } from "../cli/command-error.ts";
import type { Profile } from "../cli/profiles.ts";
import { sendRequest } from "../cli/worker-api.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { verifyToken } from "../tokens/verify.ts";
import { check } from "./check.ts";

export interface DemoMail {
  readonly html?: string;
  readonly text?: string;
}

export interface DemoRecipient {
  readonly ids: { readonly email: string; readonly person: string; readonly campaign: string };
  readonly address: string;
}

export interface DemoSender extends Profile {
  /** The Worker's keys, which a sender that decorates with the library has, too. */
  readonly keys: TokenKeys;
}

/** An event as POST /v1/events takes it, without the send. */
export interface ReportedEvent {
  readonly type: "sent" | "delivered" | "hard_bounced" | "soft_bounced";
  /** ISO 8601. */
  readonly at?: string;
  readonly status?: string;
  readonly details?: string;
}

const Decorated = v.object({
  html: v.optional(v.string()),
  text: v.optional(v.string()),
  headers: v.record(v.string(), v.string()),
  message: v.string(),
  links: v.array(v.object({ id: v.string(), url: v.string() })),
  warnings: v.array(v.object({ code: v.string(), url: v.optional(v.string()), message: v.string() })),
});
const SuppressionCheck = v.object({
  suppressed: v.boolean(),
  reasons: v.array(
    v.object({ reason: v.string(), since: v.string(), until: v.optional(v.string()), cause: v.string() }),
  ),
});
const Recorded = v.object({ accepted: v.number(), rejected: v.array(v.unknown()) });
const Retries = v.object({ data: v.array(v.looseObject({ id: v.string() })) });
const RetryEvents = v.object({ data: v.array(v.looseObject({ id: v.string() })) });
const AddedEndpoint = v.object({ id: v.string(), secret: v.string() });
const ApiErrorBody = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

/** One recipient's decorated mail, and the send that its token names. */
export type Copy = v.InferOutput<typeof Decorated> & DemoRecipient & { readonly send: string };

export async function requestCopy(mail: DemoMail, recipient: DemoRecipient, sender: DemoSender): Promise<Copy> {
  const { status, text } = await askToDecorate(mail, recipient, sender);
  if (status === 413) {
    throw new CommandError(
      "This mail is too large for the API, which takes up to 1 MiB.",
      "npx waxseal decorate takes messages up to 25 MB, and the library any; for the demo, try a smaller one.",
    );
  }
  check(status === 200, `POST /v1/decorate answered ${status}: ${text.slice(0, 500)}`);
  const decorated = v.parse(Decorated, JSON.parse(text));
  const claims = verifyToken(sender.keys, "message", decorated.message);
  check(claims.ok, `the message token ${decorated.message} is not valid`);
  return { ...decorated, ...recipient, send: claims.value.send };
}

/** Throws unless decorating is refused because the recipient is suppressed. */
export async function expectSuppressed(mail: DemoMail, recipient: DemoRecipient, sender: DemoSender): Promise<void> {
  const { status, text } = await askToDecorate(mail, recipient, sender);
  const isSuppressed = status === 409 && v.parse(ApiErrorBody, JSON.parse(text)).error.code === "suppressed";
  check(
    isSuppressed,
    `POST /v1/decorate for ${recipient.address} answered ${status}, not 409 suppressed: ${text.slice(0, 500)}`,
  );
}

/** Reports events of a send, by the message token of its copy. */
export async function reportEvents(copy: Copy, events: readonly ReportedEvent[], sender: DemoSender): Promise<void> {
  const { message, address } = copy;
  const report = { events: events.map((event) => ({ ...event, message, address })) };
  const { accepted, rejected } = await ask(sender, Recorded, "/v1/events", report);
  check(
    accepted === events.length,
    `POST /v1/events took ${accepted} of ${events.length} events: ${JSON.stringify(rejected)}`,
  );
}

export async function readSuppression(
  address: string,
  sender: DemoSender,
): Promise<v.InferOutput<typeof SuppressionCheck>> {
  return await ask(sender, SuppressionCheck, `/v1/suppressions/check?${new URLSearchParams({ address })}`);
}

export async function dueRetries(sender: DemoSender): Promise<v.InferOutput<typeof Retries>["data"]> {
  return (await ask(sender, Retries, "/v1/retries")).data;
}

/** The retries of the feed. */
export async function retryEvents(sender: DemoSender): Promise<v.InferOutput<typeof RetryEvents>["data"]> {
  return (await ask(sender, RetryEvents, "/v1/events?type=retry")).data;
}

/** Adds an endpoint to which due retries are posted, and returns its secret. */
export async function addRetryEndpoint(url: string, sender: DemoSender): Promise<string> {
  const endpoint = { url, events: ["send.retry"] };
  return (await ask(sender, AddedEndpoint, "/v1/webhook-endpoints", endpoint, 201)).secret;
}

async function askToDecorate(mail: DemoMail, { ids, address }: DemoRecipient, sender: DemoSender) {
  const { email, person, campaign } = ids;
  const body = { email: { id: email }, person: { id: person, address }, campaign: { id: campaign }, ...mail };
  return await sendRequest(sender, { path: "/v1/decorate", body });
}

async function ask<T>(
  sender: DemoSender,
  expected: v.GenericSchema<unknown, T>,
  path: string,
  body?: unknown,
  expectedStatus = 200,
): Promise<T> {
  const { status, text } = await sendRequest(sender, { path, body });
  check(status === expectedStatus, `${path} answered ${status}: ${text.slice(0, 500)}`);
  return v.parse(expected, JSON.parse(text));
}
