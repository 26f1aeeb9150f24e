/**
 * /v1/suppressions: whether recipients are suppressed and why, the list, adding (one, or an import), and removing, with
 * who did it and why in the log.
 */
import * as v from "valibot";
import { type LogStores, readRecalled } from "../archive/index.ts";
import { normalAddress } from "../events/address.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, type ApiFailure, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import {
  Address,
  CursorParameter,
  fields,
  hasTwoAddresses,
  IdParameter,
  limitParameter,
  PersonId,
  pageSchema,
  TimeParameter,
  TWO_ADDRESSES,
} from "../http/schemas.ts";
import { contextOf } from "../ingest/context.ts";
import { retryOnce } from "../platform/errors.ts";
import { readBatch } from "../platform/sql.ts";
import { addSuppressions, type SuppressionToAdd } from "./add.ts";
import { type KnownRow, knownIn, knownQuery } from "./known-recipients.ts";
import { suppressionPage } from "./list.ts";
import { ListedSuppressionAnswer, listedSuppression, RecipientAnswer, recipientAnswer } from "./listed-answer.ts";
import { type Removal, removeBounced, removeOptOut } from "./removal.ts";
import {
  EntryOrWrong,
  MAX_ADDED,
  namedBy,
  readAddition,
  readEntry,
  SuppressionFields,
  Words,
} from "./suppression-input.ts";
import {
  type PersonOrAddress,
  SUPPRESSION_REASONS,
  type Suppression,
  SuppressionAnswer,
  type SuppressionRow,
  suppressionAnswer,
  suppressionsIn,
  suppressionsOf,
  suppressionsQuery,
} from "./suppressions.ts";

const MAX_RECIPIENTS = 1_000;
const MAX_PAGE = 1_000;
const OUT_OF_REACH = "The suppressions are out of reach";
const EXAMPLE_ADDRESS = "marie@example.com";

const Recipient = fields({ person: v.optional(PersonId), address: v.optional(Address) });
const Check = { suppressed: v.boolean(), reasons: v.array(SuppressionAnswer) };
const Known = {
  known: v.pipe(
    v.boolean(),
    v.description("Whether a sender or an event has named them. Of events of the last minute it may not know yet."),
  ),
  address: v.pipe(v.optional(v.string()), v.description("Of the person, if one is known.")),
};

export const checkSuppression = operation({
  summary: "Check a recipient",
  description:
    "Whether a person or an address must not be mailed, and each reason. Ask before every mail. Somebody who is not " +
    "suppressed and not known may be a mistyped name.",
  query: fields({ person: v.optional(IdParameter), address: v.optional(Address) }),
  answers: { 200: { description: "Whether they are suppressed, and why", schema: v.object({ ...Check, ...Known }) } },
  example: { query: { address: EXAMPLE_ADDRESS } },
  handle: async (context, { query }) => {
    requireRecipient(query, "address");
    return context.json(await checkWithKnown(context.env, query));
  },
});

export const checkSuppressions = operation({
  summary: "Check up to 1,000 recipients",
  description: "Answers in the order of the recipients.",
  body: fields({
    recipients: v.pipe(
      v.array(Recipient, "must be a list"),
      v.minLength(1, "must hold a recipient"),
      v.maxLength(MAX_RECIPIENTS, `must hold at most ${MAX_RECIPIENTS} recipients`),
    ),
  }),
  answers: {
    200: {
      description: "For each recipient whether they are suppressed, and why",
      schema: v.object({ results: v.array(v.object({ ...RecipientAnswer.entries, ...Check })) }),
    },
  },
  example: { body: { recipients: [{ person: 7 }, { address: EXAMPLE_ADDRESS }] } },
  handle: async (context, { body }) => {
    const recipients = body.recipients.map((named, index) => recipientIn(named, `recipients.${index}.address`));
    const answers = await check(context.env.DB, recipients);
    const results = answers.map((answer, index) => ({ ...recipientAnswer(recipients[index] ?? {}), ...answer }));
    return context.json({ results });
  },
});

export const listSuppressions = operation({
  summary: "List suppressions",
  description:
    "The latest first. A page may hold fewer entries than `limit`; the last one has no `next`. Of erased recipients " +
    "only the reason is left.",
  query: fields({
    reason: v.optional(v.picklist(SUPPRESSION_REASONS, 'must be "unsubscribed", "invalid" or "blocked"')),
    since: v.optional(TimeParameter),
    limit: limitParameter(MAX_PAGE),
    cursor: CursorParameter,
  }),
  answers: {
    200: {
      description: "A page of suppressions",
      schema: pageSchema(ListedSuppressionAnswer),
    },
  },
  example: { query: { reason: "invalid", since: "2026-11-01" } },
  handle: async (context, { query: { reason, since: sinceMs, limit, cursor } }) => {
    const { tokenKeys } = configured(context.env);
    const after = readCursor(tokenKeys, "suppressions", cursor);
    const { entries, next } = await orStorageUnavailable(OUT_OF_REACH, () =>
      suppressionPage(context.env.DB, { reason, sinceMs, limit, after }, Date.now()),
    );
    const more = next === undefined ? {} : { next: encryptCursor(tokenKeys, "suppressions", next) };
    return context.json({ data: entries.map(listedSuppression), ...more });
  },
});

const Rejection = v.object({
  index: v.number(),
  error: v.object({ code: v.string(), message: v.string(), field: v.optional(v.string()) }),
});
const Added = v.object({ accepted: v.number(), rejected: v.array(Rejection) });
const NothingAdded = v.object({
  error: v.object({ code: v.string(), message: v.string(), requestId: v.string() }),
  ...Added.entries,
});

export const addSuppression = operation({
  summary: "Add suppressions",
  description:
    "One, by its fields, or up to 1,000 in `suppressions`, each with these fields; those beside the list are the " +
    "defaults. A wrong one is named in `rejected` by its index, and the others are added; what is there already " +
    "stays as it is.",
  body: fields({
    ...SuppressionFields,
    suppressions: v.optional(
      v.pipe(
        v.array(EntryOrWrong, "must be a list"),
        v.minLength(1, "must hold a suppression"),
        v.maxLength(MAX_ADDED, `must hold at most ${MAX_ADDED} suppressions`),
      ),
    ),
  }),
  answers: {
    200: { description: "How many were added or there already, and what is wrong with the others", schema: Added },
    422: { description: "None was accepted", schema: NothingAdded },
  },
  example: {
    body: { address: "former@example.com", reason: "unsubscribed", cause: "asked by phone", who: "lea" },
  },
  handle: async (context, { body: { suppressions, person, address, ...defaults } }) => {
    const nowMs = Date.now();
    const add = (added: readonly SuppressionToAdd[]) =>
      orStorageUnavailable("The suppressions could not be stored", () => addSuppressions(context.env.DB, added, nowMs));
    if (suppressions === undefined) {
      const read = readAddition({ person, address, ...defaults }, undefined, nowMs);
      if (!read.ok) throw new ApiError(read.reason);
      await add([read.value]);
      return context.json({ accepted: 1, rejected: [] });
    }
    if (person !== undefined || address !== undefined)
      throw namesOneBeside(person === undefined ? "address" : "person");
    const accepted: SuppressionToAdd[] = [];
    const rejected: v.InferOutput<typeof Rejection>[] = [];
    for (const [index, entry] of suppressions.entries()) {
      const read = readEntry(entry, `suppressions.${index}`, defaults, nowMs);
      if (read.ok) accepted.push(read.value);
      else rejected.push({ index, error: rejectionOf(read.reason) });
    }
    if (accepted.length === 0) {
      const error = { ...NOTHING_ACCEPTED, requestId: context.get("requestId") };
      return context.json({ error, accepted: 0, rejected }, 422);
    }
    await add(accepted);
    return context.json({ accepted: accepted.length, rejected });
  },
});

function namesOneBeside(field: "person" | "address"): ApiError {
  const message = `${field} belongs into the entries of suppressions, not beside them.`;
  return new ApiError({ status: 400, code: "invalid_field", message, field });
}

const NOTHING_ACCEPTED = { code: "nothing_accepted", message: "All suppressions are wrong; rejected says why." };

export const removeSuppression = operation({
  summary: "Remove a suppression",
  description: "Of an invalid address by default. Who removes it and why is kept in the log.",
  body: fields({
    person: v.optional(PersonId),
    address: v.optional(Address),
    reason: v.optional(v.picklist(SUPPRESSION_REASONS, 'must be "unsubscribed", "invalid" or "blocked"'), "invalid"),
    who: Words,
    why: Words,
  }),
  answers: { 200: { description: "It is removed", schema: v.object({ removed: v.literal(true) }) } },
  errors: [404],
  example: { body: { address: "former@example.com", reason: "unsubscribed", who: "lea", why: "she called" } },
  handle: async (context, { body: { who, why, reason, ...named } }) => {
    const recipient = recipientIn(named, "address");
    const id = contextOf(context.env).nextEventId();
    const removal: Removal = { id, atMs: Date.now(), recipient, who, why };
    const wasSuppressed = await orStorageUnavailable(OUT_OF_REACH, () =>
      reason === "unsubscribed"
        ? removeOptOut(context.env.DB, removal)
        : removeBounced(context.env.DB, removal, reason),
    );
    if (wasSuppressed) return context.json({ removed: true });
    const message = `This recipient is not suppressed as ${reason}: there is nothing to remove.`;
    const field = recipient.address === undefined ? "person" : "address";
    throw new ApiError({ status: 404, code: "not_found", message, field });
  },
});

async function checkWithKnown(stores: LogStores, { person, address: text }: PersonOrAddress) {
  const address = text === undefined ? undefined : normalAddress(text);
  const recipient = { person, address };
  const queries = [suppressionsQuery([recipient], Date.now()), knownQuery(recipient)] as const;
  const read = () => retryOnce(() => readBatch<[SuppressionRow, KnownRow]>(stores.DB, queries));
  // Somebody without an address may be known by their messages alone.
  const [found, known] = await orStorageUnavailable(OUT_OF_REACH, () =>
    person === undefined ? read() : readRecalled(stores, [{ person }], read),
  );
  const [suppressions = []] = suppressionsIn(found, 1);
  const { isKnown, address: ofPerson } = knownIn(known);
  return { ...checkAnswer(suppressions), known: isKnown, ...(ofPerson === undefined ? {} : { address: ofPerson }) };
}

async function check(d1: D1Database, recipients: readonly PersonOrAddress[]) {
  const found = await orStorageUnavailable(OUT_OF_REACH, () => suppressionsOf(d1, recipients, Date.now()));
  return found.map(checkAnswer);
}

function checkAnswer(suppressions: readonly Suppression[]) {
  return { suppressed: suppressions.length > 0, reasons: suppressions.map(suppressionAnswer) };
}

function requireRecipient({ address, person }: PersonOrAddress, field: string): void {
  if (address !== undefined || person !== undefined) return;
  throw new ApiError({ status: 400, code: "missing_field", message: "Name an address or a person.", field });
}

function recipientIn(named: v.InferOutput<typeof Recipient>, field: string): PersonOrAddress {
  const recipient = namedBy(named);
  requireRecipient(recipient, field);
  if (!hasTwoAddresses(named)) return recipient;
  throw new ApiError({ status: 400, code: "invalid_field", message: `${field} ${TWO_ADDRESSES}`, field });
}

function rejectionOf({ code, message, field }: ApiFailure) {
  return { code, message, ...(field === undefined ? {} : { field }) };
}
