/** /v1/people: what recipients may ask for: to be erased, and what is held about them. */

import type { Context } from "hono";
import * as v from "valibot";
import { readBody, readQuery } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { Address, fields, Id, integerParameter } from "../http/schemas.ts";
import { EXPORT_KEPT_MS } from "../marketo/index.ts";
import { logger } from "../platform/logger.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import { workOnErasures } from "./erase.ts";
import { askErasure, type Erased, type Erasure, erasureOf } from "./erasures.ts";
import { pageOf } from "./export.ts";

type PeopleContext = Context<{ Bindings: Env }>;

/** A request goes on with the erasures for so long; the clock does the rest. */
const WORK_MS = 2_000;
/** An extract that was running may have read them before, and finish later. */
const LONGEST_EXTRACT_MS = 86_400_000;

const NO_STORE = { "Cache-Control": "no-store" };

const Person = v.pipe(
  Id,
  v.check((id) => !isPseudonym(id), "stands in for somebody already, and leads to nobody"),
);
const Whom = fields({ person: v.optional(Person), address: v.optional(Address) });
const Asked = fields({ id: v.pipe(v.string(), v.maxLength(64)) });
const Held = fields({
  person: Id,
  after: v.optional(
    integerParameter(0, Number.MAX_SAFE_INTEGER, 'must be a cursor, as "next" gives it'),
    "0",
  ),
});

/** 202 `{erasure, done, askedAt, place, places, events, doneAt?, filesUntil?}`: it is on its way, or done already. */
export async function erasePerson(context: PeopleContext): Promise<Response> {
  const whom = whomOf(await readBody(context, Whom));
  const { DB } = context.env;
  const id = await orStorageUnavailable("The erasure could not be stored", () =>
    askErasure(DB, whom, Date.now()),
  );
  await goOn(context.env);
  return context.json(answerOf(await find(DB, id)), 202, NO_STORE);
}

/** How far an erasure is, which asking takes further. */
export async function showErasure(context: PeopleContext): Promise<Response> {
  const { id } = readQuery(context, Asked);
  const { DB } = context.env;
  const { doneMs } = await find(DB, id);
  if (doneMs === undefined) await goOn(context.env);
  return context.json(answerOf(await find(DB, id)), 200, NO_STORE);
}

/** `{person, addresses, suppressions, messages, retries, events, next?}`; `next` is the `after` of the next question. */
export async function exportPerson(context: PeopleContext): Promise<Response> {
  const { person, after } = readQuery(context, Held);
  const page = await orStorageUnavailable("What is held could not be read", () =>
    pageOf(context.env.DB, person, after),
  );
  return Response.json(page, { headers: NO_STORE });
}

function whomOf({ person, address }: v.InferOutput<typeof Whom>): Erased {
  if (person !== undefined && address === undefined) return { person };
  if (address !== undefined && person === undefined) return { address };
  const fault =
    person === undefined
      ? ({ code: "missing_field", message: "A person or an address must be named." } as const)
      : ({ code: "invalid_field", message: "address: name a person or an address, not both." } as const);
  throw new ApiError({ status: 400, ...fault, field: person === undefined ? "person" : "address" });
}

/** Nobody who asks has to wait for an erasure to hear that it was stored. */
async function goOn(env: Env): Promise<void> {
  try {
    await workOnErasures(env, configured(env).bots, Date.now() + WORK_MS);
  } catch (error) {
    logger.error("erasures have to wait", { error });
  }
}

async function find(d1: D1Database, id: string): Promise<Erasure> {
  const erasure = await orStorageUnavailable("The erasure could not be read", () => erasureOf(d1, id));
  if (erasure !== undefined) return erasure;
  const message = "There is no erasure of that id.";
  throw new ApiError({ status: 404, code: "not_found", message, field: "id" });
}

function answerOf({ id, askedMs, doneMs, seq, places, events }: Erasure) {
  const done = doneMs !== undefined;
  const times = done
    ? { doneAt: time(doneMs), filesUntil: time(doneMs + EXPORT_KEPT_MS + LONGEST_EXTRACT_MS) }
    : {};
  return { erasure: id, done, askedAt: time(askedMs), seq, places, events, ...times };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
