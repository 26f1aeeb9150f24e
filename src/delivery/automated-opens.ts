/**
 * Loads of providers' own pixels that they call a bot's, into the log: rows of type 0, which no reader is shown, so
 * that erasure and retention treat them as any. Aggregation compares them with the loads of our pixel (bots.md). Of one
 * message few are kept, because whoever has its copy can load its pixels as often as they like.
 */
import { inOneEdition, type LogStores, recallMessages, requireEdition } from "../archive/index.ts";
import type { BotPolicy } from "../bots/bot.ts";
import { isSeenByAgent } from "../bots/classify.ts";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { RECORDED_NOW } from "../events/recorded.ts";
import { isBelievable } from "../events/reported-time.ts";
import { AUTOMATED_OPEN } from "../events/row.ts";
import { events } from "../events/schema.ts";
import { automatedOpenId, automatedOpenIds } from "../events/send-key.ts";
import { loggedUserAgent } from "../http/request-header.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { columnNames, runBatch, type Sql, sql } from "../platform/sql.ts";
import type { SendReport } from "./outcome.ts";

/** What is reported of one message at once may double it. */
const MAX_OF_MESSAGE = 8;

/**
 * Stores the automated opens among these reports, each once. Repeating it is harmless.
 * @throws the errors of D1 and R2
 */
export async function storeAutomatedOpens(
  stores: LogStores,
  reports: readonly SendReport[],
  policy: BotPolicy,
  nowMs: number,
): Promise<void> {
  const rows = new Map(reports.flatMap((report) => rowsOf(report, policy, nowMs)));
  const ofMessage = Map.groupBy(rows, ([, { ids }]) => ids);
  const few = [...ofMessage.values()].flatMap((some) => some.slice(0, MAX_OF_MESSAGE));
  const statements = jsonArrays(few.map(([, row]) => JSON.stringify(row))).map(insertFew);
  if (statements.length === 0) return;
  const messages = few.map(([, row]) => row);
  await inOneEdition(stores.DB, async (edition) => {
    await recallMessages(stores, messages, edition);
    await retryOnce(() => runBatch(stores.DB, [requireEdition(edition), ...statements]));
  });
}

interface AutomatedOpenRow {
  readonly id: string;
  /** What the ids of the message's rows begin with. */
  readonly ids: string;
  readonly at: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly userAgent: string;
  readonly provider: string;
}

function rowsOf({ outcome, send, atMs }: SendReport, policy: BotPolicy, nowMs: number): [string, AutomatedOpenRow][] {
  if (outcome.type !== "automatedOpen" || policy.handling.provider === "off") return [];
  if (atMs === undefined || !isBelievable(atMs, nowMs)) return [];
  const userAgent = loggedUserAgent(outcome.userAgent);
  if (isSeenByAgent(userAgent, policy)) return [];
  const { email, person, campaign } = send;
  const id = automatedOpenId(send, atMs, userAgent);
  const ids = automatedOpenIds(send);
  return [[id, { id, ids, at: Math.trunc(atMs), email, person, campaign, userAgent, provider: outcome.provider }]];
}

function insertFew(rows: string): Sql {
  const { recordedAt, id, uniqueId, type, at, email, person, campaign, userAgent, detail } = events;
  const ids = sql`value->>'ids'`;
  const columns = columnNames(recordedAt, id, type, at, email, person, campaign, userAgent, detail);
  return sql`INSERT INTO ${events} (${columns})
SELECT ${RECORDED_NOW}, value->>'id', ${FILTERED_TYPE_ID}, value->>'at', value->>'email', value->>'person',
  value->>'campaign', value->>'userAgent', json_object(${AUTOMATED_OPEN}, value->>'provider')
FROM json_each(${rows}) WHERE ${MAX_OF_MESSAGE} > (
  SELECT count(*) FROM ${events} WHERE ${uniqueId} > ${ids} || '/' AND ${uniqueId} < ${ids} || '0')
ON CONFLICT DO NOTHING`;
}
