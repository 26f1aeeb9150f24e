/**
 * GET and POST /v1/suppressions/check: whether recipients are suppressed, and why. DELETE /v1/suppressions: removes
 * an invalid address from the suppressions, or an opt-out that only follows an address; the log keeps who did it and
 * why.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { readBody, readQuery } from "../http/body.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { Address, fields, Id, Line } from "../http/schemas.ts";
import { contextOf } from "../ingest/context.ts";
import { removeFollowing, removeInvalid } from "./removal.ts";
import { type PersonOrAddress, suppressionAnswer, suppressionsOf } from "./suppressions.ts";

const MAX_RECIPIENTS = 1_000;

const RECIPIENT_FIELDS = { address: v.optional(Address), person: v.optional(Id) };

const CheckQuery = fields(RECIPIENT_FIELDS);
const CheckBody = fields({
  recipients: v.pipe(
    v.array(fields(RECIPIENT_FIELDS), "must be a list"),
    v.minLength(1, "must hold a recipient"),
    v.maxLength(MAX_RECIPIENTS, `must hold at most ${MAX_RECIPIENTS} recipients`),
  ),
});

const Words = v.pipe(Line, v.trim(), v.minLength(1, "must not be empty"), v.maxLength(500));
const RemovalBody = fields({
  ...RECIPIENT_FIELDS,
  reason: v.optional(v.picklist(["invalid", "unsubscribed"]), "invalid"),
  by: Words,
  why: Words,
});

/**
 * Checks the recipient of the query. Answers `{suppressed, reasons: [{reason, since, until?, cause}]}`, times in ISO
 * 8601.
 * @throws {ApiError} 400 without `address` and `person`, 503 when D1 is out of reach
 */
export async function checkSuppression(context: Context<{ Bindings: Env }>): Promise<Response> {
  const recipient = readQuery(context, CheckQuery);
  requireRecipient(recipient, "address");
  const [answer] = await check(context.env.DB, [recipient]);
  return context.json(answer);
}

/**
 * Checks the recipients of the body, 1,000 at most. Answers `{results}` in their order: each has the recipient's fields
 * and those of `checkSuppression`.
 * @throws {ApiError} 400 with the field of the first wrong recipient, 503 when D1 is out of reach
 */
export async function checkSuppressions(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { recipients } = await readBody(context, CheckBody);
  for (const [index, recipient] of recipients.entries()) {
    requireRecipient(recipient, `recipients.${index}.address`);
  }
  const answers = await check(context.env.DB, recipients);
  const results = answers.map((answer, index) => ({ ...recipients[index], ...answer }));
  return context.json({ results });
}

/**
 * Removes a recipient from the invalid ones, or an opt-out that follows their address (`reason`). Answers
 * `{removed: true}`.
 * @throws {ApiError} 400 for a wrong body, 404 when there is nothing to remove, 503 when D1 is out of reach
 */
export async function removeSuppression(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { by, why, reason, ...recipient } = await readBody(context, RemovalBody);
  requireRecipient(recipient, "address");
  const id = contextOf(context.env).nextEventId();
  const remove = reason === "invalid" ? removeInvalid : removeFollowing;
  const wasSuppressed = await orStorageUnavailable("The suppressions are out of reach", () =>
    remove(context.env.DB, { id, atMs: Date.now(), recipient, by, why }),
  );
  if (wasSuppressed) return context.json({ removed: true });
  throw new ApiError({
    status: 404,
    code: "not_found",
    message:
      reason === "invalid"
        ? "This recipient is not suppressed as invalid: there is nothing to remove."
        : "No opt-out of this recipient follows somebody else's address; their own only they can lift.",
    field: recipient.address === undefined ? "person" : "address",
  });
}

async function check(d1: D1Database, recipients: readonly PersonOrAddress[]) {
  const found = await orStorageUnavailable("The suppressions are out of reach", () =>
    suppressionsOf(d1, recipients, Date.now()),
  );
  return found.map((suppressions) => ({
    suppressed: suppressions.length > 0,
    reasons: suppressions.map(suppressionAnswer),
  }));
}

function requireRecipient({ address, person }: PersonOrAddress, field: string): void {
  if (address !== undefined || person !== undefined) return;
  throw new ApiError({
    status: 400,
    code: "missing_field",
    message: "Name an address or a person.",
    field,
  });
}
