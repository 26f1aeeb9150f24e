/**
 * GET and POST /v1/mailability: who may be mailed, and why not. POST /v1/mailability/reset: an address that bounced for ever is
 * given another chance, by somebody, for a reason that stands in the log.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { readBody, readQuery } from "../http/body.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { Address, fields, Id, Line } from "../http/schemas.ts";
import { contextOf } from "../ingest/context.ts";
import { type Recipient, resetInvalid, type Suppression, suppressionsOf } from "./suppressions.ts";

const MOST_ASKED = 1_000;

const Asked = { address: v.optional(Address), person: v.optional(Id) };

const List = fields({
  recipients: v.pipe(
    v.array(fields(Asked), "must be a list"),
    v.minLength(1, "must hold a recipient"),
    v.maxLength(MOST_ASKED, `must hold at most ${MOST_ASKED} recipients`),
  ),
});

const Words = v.pipe(Line, v.trim(), v.minLength(1, "must not be empty"), v.maxLength(500));
const Reset = fields({ ...Asked, by: Words, why: Words });

/** One suppression as /v1 answers it. */
interface Reason {
  readonly reason: Suppression["reason"];
  readonly since: string;
  readonly until?: string;
  readonly cause: string;
}

export function reasonOf({ reason, sinceMs, untilMs, cause }: Suppression): Reason {
  const until = untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() };
  return { reason, since: new Date(sinceMs).toISOString(), ...until, cause };
}

export async function showMailability(context: Context<{ Bindings: Env }>): Promise<Response> {
  const recipient = readQuery(context, fields(Asked));
  needsOne(recipient, "address");
  const [answer] = await mailabilityOf(context.env.DB, [recipient]);
  return context.json(answer, 200, { "Cache-Control": "no-store" });
}

export async function listMailability(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { recipients } = await readBody(context, List);
  for (const [index, recipient] of recipients.entries()) needsOne(recipient, `recipients.${index}.address`);
  const answers = await mailabilityOf(context.env.DB, recipients);
  const results = answers.map((answer, index) => ({ ...recipients[index], ...answer }));
  return context.json({ results }, 200, { "Cache-Control": "no-store" });
}

export async function resetMailability(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { by, why, ...recipient } = await readBody(context, Reset);
  needsOne(recipient, "address");
  const id = contextOf(context.env).nextEventId();
  const wasInvalid = await orStorageUnavailable("The suppressions are out of reach", () =>
    resetInvalid(context.env.DB, { id, atMs: Date.now(), recipient, by, why }),
  );
  if (wasInvalid) return context.json({ reset: true }, 200, { "Cache-Control": "no-store" });
  throw new ApiError({
    status: 404,
    code: "not_found",
    message: "No hard bounce of category 2 stands against this recipient: there is nothing to reset.",
    field: recipient.address === undefined ? "person" : "address",
  });
}

async function mailabilityOf(d1: D1Database, recipients: readonly Recipient[]) {
  const found = await orStorageUnavailable("The suppressions are out of reach", () =>
    suppressionsOf(d1, recipients, Date.now()),
  );
  return found.map((suppressions) => ({
    mailable: suppressions.length === 0,
    reasons: suppressions.map(reasonOf),
  }));
}

function needsOne({ address, person }: Recipient, field: string): void {
  if (address !== undefined || person !== undefined) return;
  throw new ApiError({
    status: 400,
    code: "missing_field",
    message: "An address or a person must be named.",
    field,
  });
}
