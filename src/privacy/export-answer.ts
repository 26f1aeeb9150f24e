/** What the export of a person answers: events, messages and suppressions in the forms of their own lists, and more. */
import * as v from "valibot";
import { KeptEvent, keptEvent } from "../feed/index.ts";
import {
  AddressAnswer,
  BounceAnswer,
  IdAnswer,
  idAnswer,
  PersonAnswer,
  personAnswer,
  SignedAnswer,
  TimeAnswer,
} from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { MessageEntry, messageEntry } from "../messages/index.ts";
import { clicksIn, readRecent } from "../reports/index.ts";
import { attemptOf } from "../retries/index.ts";
import { ListedSuppressionAnswer, listedSuppression, SUBJECT_ANSWER, subjectAnswer } from "../suppressions/index.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import type { HeldMessageRow, HeldPage, HeldRetryRow, HeldSendRow, HeldSuppressionRow } from "./export.ts";

const Suppression = v.pipe(
  v.object({
    ...ListedSuppressionAnswer.entries,
    lastAt: v.optional(v.pipe(TimeAnswer, v.description("When it was decided or added last, where that was again."))),
  }),
  v.title("HeldSuppression"),
);

const Message = v.pipe(
  v.object({
    ...MessageEntry.entries,
    outcomeAt: v.optional(v.pipe(TimeAnswer, v.description("Of its latest delivery or soft bounce."))),
    links: v.pipe(
      v.array(v.object({ id: IdAnswer.entries.id, clicks: v.number(), botClicks: v.number() })),
      v.description("The links that were clicked in it."),
    ),
    recent: v.pipe(
      v.object({
        sent: v.array(TimeAnswer),
        clicks: v.array(v.object({ at: TimeAnswer, link: IdAnswer.entries.id })),
        loads: v.array(TimeAnswer),
      }),
      v.description("Times by which bots are distinguished from people: of its latest mails, clicks and pixel loads."),
    ),
  }),
  v.title("HeldMessage"),
);

const Schedule = v.pipe(
  v.object({
    email: IdAnswer,
    campaign: IdAnswer,
    person: PersonAnswer,
    send: v.optional(IdAnswer.entries.id),
    firstAttemptAt: TimeAnswer,
    bounce: v.pipe(BounceAnswer, v.description("The soft bounce that started the schedule.")),
    dueAt: v.optional(v.pipe(TimeAnswer, v.description("Of the next retry; missing when there is none."))),
    dueRetries: v.pipe(
      v.array(v.object({ attempt: v.number(), dueAt: TimeAnswer })),
      v.description("The retries that were due. The first attempt was 1."),
    ),
  }),
  v.title("HeldSchedule"),
);

export const ExportAnswer = v.pipe(
  v.object({
    person: PersonAnswer,
    addresses: v.array(AddressAnswer),
    suppressions: v.array(Suppression),
    lifts: v.optional(
      v.pipe(
        v.array(v.object({ ...SUBJECT_ANSWER, reason: ListedSuppressionAnswer.entries.reason, at: TimeAnswer })),
        v.description("When they subscribed again, or their address was removed."),
      ),
    ),
    messages: v.array(Message),
    retries: v.pipe(v.array(Schedule), v.description("Sends that bounced softly, with their schedules.")),
    events: v.pipe(
      v.array(KeptEvent),
      v.description("In the order of recording; `retracted` ones, too, and reports that changed nothing."),
    ),
    next: v.optional(SignedAnswer),
  }),
  v.title("ExportPage"),
);

/** What a page is shown with. */
export interface ExportViewer {
  readonly keys: TokenKeys;
  readonly seesAddresses: boolean;
  readonly nowMs: number;
}

/** A page without its cursor. */
export function exportAnswer(page: HeldPage, { keys, seesAddresses, nowMs }: ExportViewer) {
  const { person, addresses, suppressions, lifts, messages, sends, retries, events } = page;
  const ofSend = Map.groupBy(retries, ({ key }) => key);
  const lifted = lifts.map(({ subject, reason, at }) => ({ ...subjectAnswer(subject), reason, at: isoTime(at) }));
  return {
    person: personAnswer(person),
    addresses,
    suppressions: suppressions.map(suppressionOf),
    ...(lifted.length === 0 ? {} : { lifts: lifted }),
    messages: messages.map((row) => messageOf(row, keys, nowMs)),
    retries: sends.map((send) => scheduleOf(send, ofSend.get(send.key) ?? [])),
    events: events.map((row) => keptEvent(row, keys, seesAddresses)),
  };
}

function suppressionOf({ subject, reason, since, until, cause, who, lastAt }: HeldSuppressionRow) {
  const times = { sinceMs: since, untilMs: until ?? undefined };
  const listed = listedSuppression({ subject, reason, ...times, cause, who: who ?? undefined });
  return lastAt === null ? listed : { ...listed, lastAt: isoTime(lastAt) };
}

function messageOf(row: HeldMessageRow, keys: TokenKeys, nowMs: number) {
  const { sentSeconds, clicks, opened, automated } = readRecent(row.recent, row.since);
  const loads = [...[...opened.values()].flatMap((each) => each.loads), ...automated];
  return {
    ...messageEntry(row, keys, nowMs),
    ...(row.outcomeAt === null ? {} : { outcomeAt: isoTime(row.outcomeAt) }),
    links: Array.from(clicksIn(row.clicks), ([id, { people, bots }]) => ({ id, clicks: people, botClicks: bots })),
    recent: {
      sent: sentSeconds.map(timeOfSecond),
      clicks: clicks.map(({ second, link }) => ({ at: timeOfSecond(second), link })),
      loads: loads.map(({ second }) => timeOfSecond(second)),
    },
  };
}

function timeOfSecond(second: number): string {
  return isoTime(Math.round(second * 1_000));
}

function scheduleOf(row: HeldSendRow, dueRetries: readonly HeldRetryRow[]) {
  const { email, campaign, person, send, address, firstAt, bounce, dueAt } = row;
  return {
    email: idAnswer(email),
    campaign: idAnswer(campaign),
    person: personAnswer(person, address),
    ...(send === null ? {} : { send }),
    firstAttemptAt: isoTime(firstAt),
    bounce: JSON.parse(bounce),
    ...(dueAt === null ? {} : { dueAt: isoTime(dueAt) }),
    dueRetries: dueRetries.map(({ slot, dueAt: at }) => ({ attempt: attemptOf(slot), dueAt: isoTime(at) })),
  };
}
