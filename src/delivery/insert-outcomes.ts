/**
 * Outcomes of sends, into D1: events, suppressions and schedules of retries, in one transaction. Others follow where
 * reports add to events that are logged (repeated.ts), name new addresses, or change what is known of their sends
 * (known-sends.ts).
 *
 * Guarantees that an outcome that is reported again changes nothing: everything beside an event happens only when
 * the event is new. So the statements that check this run before the one that inserts it. And that each send with
 * an outcome has a Sent.
 */
import { type Edition, inOneEdition, type LogStores, recallMessages, runInEdition } from "../archive/index.ts";
import type { OutcomeEvent, SoftBounced } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import { sendKey, sentId } from "../events/send-key.ts";
import { insertStatements } from "../ingest/insert.ts";
import { areNone, type NamedStatements } from "../platform/named-statements.ts";
import {
  type Earliest,
  earliestStatement,
  type ScheduleTimes,
  type SoftBouncedSend,
  scheduleStatements,
} from "../retries/index.ts";
import { type NewAddress, newAddresses, storeNewAddresses, suppressBounced } from "../suppressions/index.ts";
import { type DecisionReport, decisionStatements } from "./decision-reports.ts";
import { bounceSuppressionsOf } from "./hard-bounces.ts";
import { impliedSents } from "./implied-sent.ts";
import { changeKnownSends, type KnownSend, knownSends } from "./known-sends.ts";
import { changeRepeated } from "./repeated.ts";

export interface Outcomes {
  readonly events: readonly OutcomeEvent[];
  readonly decisions: readonly DecisionReport[];
}

/**
 * Resolves when committed, to when the retry clock's alarm must be set at the latest, in ms since 1970; undefined
 * when nothing was scheduled. Throws the error of D1 or R2 when the commit is uncertain; repeating it is harmless.
 */
export async function insertOutcomes(
  stores: LogStores,
  outcomes: Outcomes,
  times: ScheduleTimes,
): Promise<number | undefined> {
  return await inOneEdition(stores.DB, (edition) => insertIn(edition, stores, outcomes, times));
}

async function insertIn(
  edition: Edition,
  stores: LogStores,
  outcomes: Outcomes,
  times: ScheduleTimes,
): Promise<number | undefined> {
  const { DB: d1 } = stores;
  const { events: reported, decisions } = outcomes;
  // Whether the address that a decision names was erased, the Sent says.
  const addressedDecisions = decisions.filter(({ address }) => address !== undefined);
  const messages = [...reported, ...addressedDecisions.map(({ event }) => event)].map(({ message }) => message);
  await recallMessages(stores, messages, edition);
  const statements = await outcomeStatements(d1, outcomes, times);
  if (areNone(statements)) return undefined;
  const results = await runInEdition(d1, edition, statements);
  const inserted = results.changed("sents") + results.changed("reportedOutcomes");
  if (inserted < reported.length) await changeRepeated(d1, reported, edition);
  await storeNewAddresses(d1, results.selected("newAddresses"));
  const movedDueAtMs = await changeKnownSends(d1, results.selected("knownSends"), reported, { times, edition });
  return movedDueAtMs ?? results.selected("earliest")[0]?.dueAt ?? undefined;
}

/** What the statements select. */
interface OutcomeRows {
  readonly suppressions: never;
  readonly newAddresses: NewAddress;
  readonly knownSends: KnownSend;
  readonly sents: never;
  /** Sents that outcomes imply. */
  readonly implied: never;
  readonly reportedOutcomes: never;
  readonly decided: never;
  readonly schedules: never;
  readonly earliest: Earliest;
}

async function outcomeStatements(
  d1: D1Database,
  { events: reported, decisions }: Outcomes,
  times: ScheduleTimes,
): Promise<NamedStatements<OutcomeRows>> {
  const events = firstOfEach(reported);
  const hard = events.filter((event) => event.type === "hardBounced");
  const soft = reported.filter((event) => event.type === "softBounced");
  const addressed = reported.filter(({ address }) => address !== undefined);
  const named = [...reported, ...decisions.map(({ event, address }) => ({ ...event, address }))].flatMap(
    ({ id, message, address }) =>
      address === undefined ? [] : [{ person: message.person, address, event: id, sent: sentId(sendKey(message)) }],
  );
  const schedules = soft.length === 0 ? [] : scheduleStatements(d1, soft.map(softBouncedSend), times);
  const { sents, implied, outcomes } = eventGroups(events, reported);
  const inserts = (some: readonly OutcomeEvent[]) => insertStatements(d1, some.map(rowOf));
  return [
    // These ask whether the events are new, so they come before them.
    ["suppressions", hard.length === 0 ? [] : await suppressBounced(d1, bounceSuppressionsOf(hard, addressed))],
    ["newAddresses", named.length === 0 ? [] : [newAddresses(named).prepare(d1)]],
    ["knownSends", events.length === 0 ? [] : [knownSends(events).prepare(d1)]],
    ["sents", inserts(sents)],
    ["implied", inserts(implied)],
    ["reportedOutcomes", inserts(outcomes)],
    ["decided", await decisionStatements(d1, decisions)],
    ["schedules", schedules],
    ["earliest", schedules.length === 0 ? [] : [earliestStatement(d1)]],
  ];
}

/** The first report of each event that is reported twice in one request; `changeRepeated` adds the other. */
function firstOfEach(reported: readonly OutcomeEvent[]): OutcomeEvent[] {
  const byId = new Map<string, OutcomeEvent>();
  for (const event of reported) if (!byId.has(event.id)) byId.set(event.id, event);
  return [...byId.values()];
}

/** Sents, those that outcomes imply, and outcomes. A Sent that is reported at the same time replaces an implied one. */
function eventGroups(events: readonly OutcomeEvent[], reported: readonly OutcomeEvent[]) {
  const isSent = ({ type }: OutcomeEvent) => type === "sent";
  const sents = events.filter(isSent);
  const known = new Set(sents.map(({ id }) => id));
  const implied = impliedSents(reported.filter((event) => !isSent(event))).filter(({ id }) => !known.has(id));
  return { sents, implied, outcomes: events.filter((event) => !isSent(event)) };
}

function softBouncedSend({ message, address, atMs, bounce }: SoftBounced): SoftBouncedSend {
  return { key: sendKey(message), message, address, atMs, bounce };
}
