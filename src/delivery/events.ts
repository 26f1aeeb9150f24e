/**
 * POST /v1/events: outcomes of sends that the sender's own mail server reports. Each event is checked by itself: a
 * wrong one is rejected with its reason, and the others are accepted. Accepted means committed; an event that is
 * reported again adds nothing. When all are wrong the answer is an error.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { sendKey } from "../events/send-key.ts";
import { readBody } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { fields } from "../http/schemas.ts";
import { attemptsOf } from "../retries/index.ts";
import { type EventRejection, readEvent } from "./event-input.ts";
import { recordSendReports, type SendReport } from "./record.ts";

const MAX_EVENTS = 1_000;
const Body = fields({
  events: v.pipe(
    v.array(v.unknown(), "must be a list"),
    v.minLength(1, "must hold an event"),
    v.maxLength(MAX_EVENTS, `must hold at most ${MAX_EVENTS} events`),
  ),
});

const NOTHING_ACCEPTED = { code: "nothing_accepted", message: "All events are wrong; rejected says why." };

/** `{events: [event]}` → `{accepted, rejected: [{index, error}]}`, and 422 with `error` when none is accepted. */
export async function recordEvents(context: Context<{ Bindings: Env }>): Promise<Response> {
  const settings = configured(context.env);
  const { events } = await readBody(context, Body);
  const nowMs = Date.now();
  const reports: SendReport[] = [];
  const rejected: { readonly index: number; readonly error: EventRejection }[] = [];
  for (const [index, event] of events.entries()) {
    const read = readEvent(event, `events.${index}`, settings);
    if (read.ok) reports.push(read.value);
    else rejected.push({ index, error: read.reason });
  }
  if (reports.length === 0) return context.json({ error: NOTHING_ACCEPTED, accepted: 0, rejected }, 422);
  await orStorageUnavailable("The events could not be stored", async () => {
    const withOccurrences = await withAttempts(context.env.DB, reports);
    await recordSendReports(withOccurrences, settings, context.env, nowMs);
  });
  return context.json({ accepted: reports.length, rejected });
}

/**
 * Gives soft bounces without a time the attempt that is current as their occurrence: one soft bounce for each
 * attempt, however often it is reported. The schedule of retries knows the attempt.
 */
async function withAttempts(d1: D1Database, reports: readonly SendReport[]): Promise<readonly SendReport[]> {
  const isTimeless = ({ outcome, occurrence }: SendReport) => outcome.type === "bounced" && occurrence === "";
  const keys = reports.filter(isTimeless).map(({ send }) => sendKey(send));
  if (keys.length === 0) return reports;
  const attempts = await attemptsOf(d1, keys);
  return reports.map((report) =>
    isTimeless(report) ? { ...report, occurrence: `attempt:${attempts.get(sendKey(report.send)) ?? 1}` } : report,
  );
}
