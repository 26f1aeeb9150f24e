/**
 * POST /v1/events: what the sender reports of its mail: outcomes of sends, and what people decided by a reply, by a
 * call or in another system. Each event is checked by itself: a wrong one is rejected with its reason, and the others
 * are accepted. Accepted means committed; an event that is reported again adds nothing. When all are wrong the answer
 * is an error.
 */
import * as v from "valibot";
import { type KindOfName, upsertNames } from "../events/names.ts";
import { sendKey } from "../events/send-key.ts";
import { configured } from "../http/configured.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { type ApiContext, operation } from "../http/operation.ts";
import { fields } from "../http/schemas.ts";
import { retryOnce } from "../platform/errors.ts";
import { attemptsOf } from "../retries/index.ts";
import { EventOrWrong, type EventRejection, namesInEvent, readEvent } from "./event-input.ts";
import type { SendReport } from "./outcome.ts";
import { recordSendReports } from "./record.ts";

const MAX_EVENTS = 1_000;
const Body = fields({
  events: v.pipe(
    v.array(EventOrWrong, "must be a list"),
    v.minLength(1, "must hold an event"),
    v.maxLength(MAX_EVENTS, `must hold at most ${MAX_EVENTS} events`),
  ),
});

const Rejected = v.array(
  v.object({
    index: v.number(),
    error: v.object({ code: v.string(), message: v.string(), field: v.optional(v.string()) }),
  }),
);
const Recorded = v.object({ accepted: v.number(), rejected: Rejected });
const NothingRecorded = v.object({
  error: v.object({ code: v.string(), message: v.string(), requestId: v.string() }),
  ...Recorded.entries,
});

const NOTHING_ACCEPTED = { code: "nothing_accepted", message: "All events are wrong; rejected says why." };
const NOT_ADMIN = "takes an API key, or a client with the scope admin: it lifts an opt-out";

/** `{events: [event]}` → `{accepted, rejected: [{index, error}]}`, and 422 with `error` when none is accepted. */
export const recordEvents = operation({
  summary: "Report what happened to sends, and what people decided",
  description:
    "A wrong event is rejected by itself, and the others are accepted: committed. An event that is reported again " +
    "adds nothing. `subscribed` takes an API key or the scope `admin`.",
  body: Body,
  answers: {
    200: { description: "What was accepted, and why the others were not", schema: Recorded },
    422: { description: "None was accepted", schema: NothingRecorded },
  },
  example: {
    body: {
      events: [
        { type: "delivered", email: 1042, person: 7, campaign: 88012, at: "2026-11-25T09:00:00.000Z" },
        { type: "unsubscribed", person: { id: 7, address: "marie@example.com" } },
      ],
    },
  },
  handle: async (context, { body: { events } }) => {
    const settings = configured(context.env);
    const nowMs = Date.now();
    const reports: SendReport[] = [];
    const names: KindOfName[] = [];
    const rejected: { readonly index: number; readonly error: EventRejection }[] = [];
    for (const [index, event] of events.entries()) {
      const path = `events.${index}`;
      const read = readEvent(event, path, settings);
      const forbidden = read.ok ? forbiddenTo(context, read.value, path) : undefined;
      if (!read.ok) rejected.push({ index, error: read.reason });
      else if (forbidden !== undefined) rejected.push({ index, error: forbidden });
      else {
        reports.push(read.value);
        names.push(...namesInEvent(event));
      }
    }
    if (reports.length === 0) {
      const error = { ...NOTHING_ACCEPTED, requestId: context.get("requestId") };
      return context.json({ error, accepted: 0, rejected }, 422);
    }
    await orStorageUnavailable("The events could not be stored", async () => {
      if (names.length > 0) await retryOnce(() => upsertNames(names).prepare(context.env.DB).run());
      const withOccurrences = await withAttempts(context.env.DB, reports);
      await recordSendReports(withOccurrences, settings, context.env, nowMs);
    });
    return context.json({ accepted: reports.length, rejected });
  },
});

/** A client that may only send must not undo an opt-out. */
function forbiddenTo(context: ApiContext, { outcome }: SendReport, path: string): EventRejection | undefined {
  if (outcome.type !== "subscribed" || context.get("isAdmin")) return undefined;
  const field = `${path}.type`;
  return { code: "forbidden", message: `${field} subscribed ${NOT_ADMIN}`, field };
}

/**
 * Gives soft bounces without a time the attempt that is current as their source id: one soft bounce for each
 * attempt, however often it is reported. The schedule of retries knows the attempt.
 */
async function withAttempts(d1: D1Database, reports: readonly SendReport[]): Promise<readonly SendReport[]> {
  const isTimeless = ({ outcome, sourceId }: SendReport) => outcome.type === "bounced" && sourceId === "";
  const keys = reports.filter(isTimeless).map(({ send }) => sendKey(send));
  if (keys.length === 0) return reports;
  const attempts = await attemptsOf(d1, keys);
  return reports.map((report) =>
    isTimeless(report) ? { ...report, sourceId: `attempt:${attempts.get(sendKey(report.send)) ?? 1}` } : report,
  );
}
