/**
 * POST /v1/events: what became of sends, told by the sender's own mail server. Each event is checked by itself: a wrong one is
 * rejected with its reason and the others count. Accepted means committed; told again, an event adds nothing.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { sendKey } from "../events/send-key.ts";
import { readBody } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { fields } from "../http/schemas.ts";
import { plainReport, type Refusal, reportOf } from "./event-input.ts";
import { attemptsOf } from "./insert-outcomes.ts";
import { recordSendReports, type SendReport } from "./record.ts";

const MOST_EVENTS = 1_000;
const Body = fields({
  events: v.pipe(
    v.array(v.unknown(), "must be a list"),
    v.minLength(1, "must hold an event"),
    v.maxLength(MOST_EVENTS, `must hold at most ${MOST_EVENTS} events`),
  ),
});

interface Rejected extends Refusal {
  readonly index: number;
}

export async function recordEvents(context: Context<{ Bindings: Env }>): Promise<Response> {
  const settings = configured(context.env);
  const { events } = await readBody(context, Body);
  const nowMs = Date.now();
  const reports: SendReport[] = [];
  const rejected: Rejected[] = [];
  for (const [index, event] of events.entries()) {
    const report = plainReport(event) ?? reportOf(event, `events.${index}`, settings);
    if ("error" in report) rejected.push({ index, error: report.error });
    else reports.push(report);
  }
  await orStorageUnavailable("The events could not be stored", async () => {
    const told = await withAttempts(context.env.DB, reports);
    await recordSendReports(told, settings, context.env, nowMs);
  });
  return context.json({ accepted: reports.length, rejected }, 200, { "Cache-Control": "no-store" });
}

/**
 * A soft bounce without a time belongs to the attempt that runs: one each, however often it is told. Which attempt that is,
 * the schedule of retries knows.
 */
async function withAttempts(d1: D1Database, reports: readonly SendReport[]): Promise<readonly SendReport[]> {
  const isTimeless = ({ outcome, occurrence }: SendReport) => outcome.type === "bounced" && occurrence === "";
  const keys = reports.filter(isTimeless).map(({ send }) => sendKey(send));
  if (keys.length === 0) return reports;
  const attempts = await attemptsOf(d1, keys);
  return reports.map((report) =>
    isTimeless(report)
      ? { ...report, occurrence: `attempt:${attempts.get(sendKey(report.send)) ?? 1}` }
      : report,
  );
}
