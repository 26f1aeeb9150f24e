/**
 * Copies archived events of messages back into D1, before something is written about them: with the messages, where
 * those are in files.
 */
import { EVENT_TYPES } from "../events/event.ts";
import { type NamedRow, namedRow } from "../events/row.ts";
import { earlierSeqs, messageStats } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import type { Edition } from "./edition.ts";
import { mayBeArchived } from "./known-clicks.ts";
import { recallFiled } from "./messages/recall.ts";
import { isToRecall, recallSeqs } from "./recall-seqs.ts";
import { FLOOR, type LogStores } from "./segments.ts";

/** Recalls the archived events of messages, for a write in this edition. Throws the errors of D1 and R2. */
export async function recallMessages(
  stores: LogStores,
  messages: readonly Message[],
  { floor, hasMessageFiles }: Edition,
): Promise<void> {
  if (hasMessageFiles === 1) await recallFiled(stores, messages);
  if (floor === 0) return;
  const isMessage = sql`${messageStats.email} = named.value->>'email'
AND ${messageStats.campaign} = named.value->>'campaign' AND ${messageStats.person} = named.value->>'person'`;
  for (const array of namesOf(messages)) await recallNamed(stores, array, isMessage);
}

/**
 * Recalls the archived events of the messages of rows that are to be inserted, but for clicks that are too young to be
 * archived; of an Opened also those of the same email and person in other campaigns, whose Opened it may be.
 * @param rows a JSON array of rows as `rowOf` writes them; of anything else nothing is recalled
 * @throws the errors of D1 and R2
 */
export async function recallForRows(stores: LogStores, rows: string, edition: Edition): Promise<void> {
  if (edition.floor === 0 && edition.hasMessageFiles === 0) return;
  const named = parsedRows(rows);
  const isOpened = ({ type }: NamedRow) => type === EVENT_TYPES.opened.id;
  const nowMs = Date.now();
  const isYoungClick = ({ type, at }: NamedRow) => type === EVENT_TYPES.clicked.id && !mayBeArchived(Number(at), nowMs);
  const others = named.filter((row) => !isOpened(row) && !isYoungClick(row));
  await recallMessages(stores, others.map(messageOf), edition);
  // The index by person: an email has too many others.
  const isOfPerson = sql`${messageStats.person} = named.value->>'person'
AND +${messageStats.email} = named.value->>'email'`;
  const opened = named.filter(isOpened).map((row) => ({ ...messageOf(row), campaign: "" }));
  if (edition.hasMessageFiles === 1)
    await recallFiled(
      stores,
      opened.map(({ email, person }) => ({ email, person })),
    );
  if (edition.floor === 0) return;
  for (const array of namesOf(opened)) await recallNamed(stores, array, isOfPerson);
}

function parsedRows(rows: string): readonly NamedRow[] {
  try {
    return (JSON.parse(rows) as readonly (readonly unknown[])[]).map(namedRow);
  } catch {
    return [];
  }
}

function messageOf({ email, campaign, person }: NamedRow): Message {
  return { email: String(email), campaign: String(campaign), person: String(person) };
}

/** Each message once, as JSON arrays. */
function namesOf(messages: readonly Message[]): readonly string[] {
  const names = messages.map(({ email, campaign, person }) => JSON.stringify({ email, campaign, person }));
  return jsonArrays([...new Set(names)]);
}

/**
 * Recalls what the lists of some messages have in the archive.
 * @param names a JSON array: `named.value` is an object of each
 * @param isMessage whether a row of `message_stats` is that message's
 */
async function recallNamed(stores: LogStores, names: string, isMessage: Sql): Promise<void> {
  const ofSame = sql`(${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person})
= (${messageStats.email}, ${messageStats.campaign}, ${messageStats.person})`;
  const isArchived = isToRecall(rawSql("each.value"));
  const start = sql`(SELECT ${FLOOR} AS floor) CROSS JOIN json_each(${names}) AS named
CROSS JOIN ${messageStats}`;
  const query = sql`SELECT each.value AS seq FROM ${start} CROSS JOIN json_each(${messageStats.seqs}) AS each
WHERE ${isArchived} AND ${isMessage}
UNION SELECT each.value FROM ${start} CROSS JOIN ${earlierSeqs} CROSS JOIN json_each(${earlierSeqs.seqs}) AS each
WHERE ${isArchived} AND ${isMessage} AND ${ofSame} ORDER BY seq`;
  const { results } = await retryOnce(() => query.prepare(stores.DB).all<{ seq: number }>());
  await recallSeqs(
    stores,
    results.map(({ seq }) => seq),
  );
}
