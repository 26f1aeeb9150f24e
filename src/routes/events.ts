/**
 * POST /v1/events: what became of sends, told by the sender's own mail server. Each event is checked by itself: a wrong one is
 * rejected with its reason and the others count. Accepted means committed; told again, an event adds nothing.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { categoryOf } from "../delivery/classify.ts";
import type { BounceCategory, Outcome } from "../delivery/outcome.ts";
import { recordSendReports, type SendReport } from "../delivery/record.ts";
import type { Env, Settings } from "../env.ts";
import { type Send, sendKey } from "../events/send-key.ts";
import { attemptsOf } from "../log/outcomes.ts";
import { openToken } from "../token/open.ts";
import {
  Address,
  type Fault,
  faultOf,
  fields,
  Id,
  Line,
  readBody,
  settingsOf,
  storageUnavailable,
} from "./api.ts";

const MOST_EVENTS = 1_000;
/** Clocks differ. */
const FUTURE_MS = 5 * 60 * 1000;
const YEAR_2000_MS = 946_684_800_000;

const TIME = 'must be a time with its zone, like "2026-11-25T09:30:00.000Z", or milliseconds since 1970';
const Time = v.pipe(
  v.union([v.pipe(v.string(), v.isoTimestamp()), v.pipe(v.number(), v.safeInteger())], TIME),
  v.transform((time) => (typeof time === "number" ? time : Date.parse(time))),
  v.check((ms) => ms >= YEAR_2000_MS, TIME),
  v.check((ms) => ms <= Date.now() + FUTURE_MS, "lies in the future"),
);

const CATEGORIES = [1, 2, 3, 4, 9] as const;

const Event = fields({
  type: v.picklist(
    ["sent", "delivered", "hard_bounced", "soft_bounced"],
    'must be "sent", "delivered", "hard_bounced" or "soft_bounced"',
  ),
  message: v.optional(v.string()),
  email: v.optional(Id),
  person: v.optional(Id),
  campaign: v.optional(Id),
  send: v.optional(Id),
  address: v.optional(Address),
  at: v.optional(Time),
  category: v.optional(v.picklist(CATEGORIES, "must be 1, 2, 3, 4 or 9")),
  subcategory: v.optional(
    v.union([v.pipe(v.number(), v.safeInteger(), v.transform(String)), v.pipe(Line, v.maxLength(64))]),
  ),
  details: v.optional(v.string()),
  status: v.optional(v.pipe(v.string(), v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'must be like "5.1.1"'))),
});
type Event = v.InferOutput<typeof Event>;

const Body = fields({
  events: v.pipe(
    v.array(v.unknown(), "must be a list"),
    v.minLength(1, "must hold an event"),
    v.maxLength(MOST_EVENTS, `must hold at most ${MOST_EVENTS} events`),
  ),
});

/** A field that is wrong, in words of its own. */
class WrongField extends Error {
  readonly field: string;
  readonly code: Fault["code"];

  constructor(field: string, message: string, code: Fault["code"] = "invalid_field") {
    super(message);
    this.field = field;
    this.code = code;
  }
}

interface Rejected {
  readonly index: number;
  readonly error: Pick<Fault, "code" | "message" | "field">;
}

export async function recordEvents(context: Context<{ Bindings: Env }>): Promise<Response> {
  const settings = settingsOf(context.env);
  const { events } = await readBody(context, Body);
  const nowMs = Date.now();
  const reports: SendReport[] = [];
  const rejected: Rejected[] = [];
  for (const [index, event] of events.entries()) {
    const report = reportOf(event, `events.${index}`, settings);
    if ("error" in report) rejected.push({ index, error: report.error });
    else reports.push(report);
  }
  try {
    const told = await withAttempts(context.env.DB, reports);
    await recordSendReports(told, settings, context.env, nowMs);
  } catch (error) {
    console.error(JSON.stringify({ message: "outcomes not recorded", error: String(error) }));
    throw storageUnavailable("The events could not be stored; try again in a moment.");
  }
  return context.json({ accepted: reports.length, rejected }, 200, { "Cache-Control": "no-store" });
}

function reportOf(event: unknown, at: string, settings: Settings): SendReport | Omit<Rejected, "index"> {
  const read = v.safeParse(Event, event, { abortEarly: true });
  if (!read.success) {
    const { code, message, field = at } = faultOf(read.issues[0], at);
    return { error: { code, message, field } };
  }
  try {
    const { address, at: atMs } = read.output;
    const report = { send: sendOf(read.output, settings), outcome: outcomeOf(read.output) };
    return { ...report, address, atMs, occurrence: atMs === undefined ? "" : `at:${atMs}` };
  } catch (error) {
    if (!(error instanceof WrongField)) throw error;
    const field = `${at}.${error.field}`;
    return { error: { code: error.code, message: `${field} ${error.message}`, field } };
  }
}

function sendOf({ message, email, person, campaign, send }: Event, { tokenKeys }: Settings): Send {
  if (message !== undefined) {
    if ([email, person, campaign, send].some((id) => id !== undefined))
      throw new WrongField("message", "stands for email, person, campaign and send: give one or the other");
    const claims = openToken(tokenKeys, "message", message);
    if (claims.ok) return claims.value;
    throw new WrongField("message", `is no message token of this Worker (${claims.reason})`);
  }
  if (email === undefined) throw new WrongField("email", "is missing, and so is message", "missing_field");
  if (person === undefined) throw new WrongField("person", "is missing", "missing_field");
  if (campaign === undefined) throw new WrongField("campaign", "is missing", "missing_field");
  return { email, person, campaign, send };
}

function outcomeOf(event: Event): Outcome {
  const { type, category, subcategory, details, status } = event;
  if (type === "sent" || type === "delivered") {
    const odd = (["category", "subcategory", "details", "status"] as const).find(
      (field) => event[field] !== undefined,
    );
    if (odd !== undefined) throw new WrongField(odd, `belongs to a bounce, not to ${type}`);
    return { type };
  }
  const read = category ?? categoryOf({ status, details });
  return {
    type: "bounced",
    bounce: { category: checked(type, category, read), subcategory, details, status },
  };
}

/** Whoever says "hard" without a category that says why suspends the person for a day, not for ever. */
function checked(
  type: "hard_bounced" | "soft_bounced",
  said: BounceCategory | undefined,
  read: BounceCategory,
): BounceCategory {
  const isHard = read === 1 || read === 2;
  if (isHard === (type === "hard_bounced")) return read;
  if (said === undefined) return type === "hard_bounced" ? 1 : 9;
  const right = type === "hard_bounced" ? "1 or 2" : "3, 4 or 9";
  throw new WrongField("category", `must be ${right} with ${type}`);
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
