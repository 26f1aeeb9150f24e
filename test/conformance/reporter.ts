/** Reports what happens to the real code on the real D1, and to the model. */
import { env } from "cloudflare:workers";
import { BOT_PATTERNS } from "../../src/bots/bot.ts";
import { insertOutcomes } from "../../src/delivery/insert-outcomes.ts";
import type { OutcomeEvent, ReportedDecision } from "../../src/events/event.ts";
import { openedId } from "../../src/events/opened-id.ts";
import { rowOf } from "../../src/events/row.ts";
import { deliveredId, hardBouncedId, sendKey, sentId, softBouncedId } from "../../src/events/send-key.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { addSuppressions } from "../../src/suppressions/add.ts";
import { removeBounced } from "../../src/suppressions/removal.ts";
import { subscribe, unsubscribe } from "../../src/suppressions/subscriptions.ts";
import { emptyLog } from "../marketo/marketo.ts";
import { type Decision, NOW_MS, PEOPLE, type Sequence, type Step, type Visit } from "./sequences.ts";
import { type SlowDecision, SlowLog } from "./slow-log.ts";
import { attemptOf, type SlowOutcome, type SlowVisit } from "./slow-outcomes.ts";

export const EMAIL = "7";
const HOUR_MS = 3_600_000;

/** Reports the same to the real code and to the model. */
export class Reporter {
  readonly model: SlowLog;
  readonly #sequence: Sequence;
  readonly #reported: (SlowVisit | SlowOutcome | SlowDecision)[] = [];
  #count = 0;
  #around = env;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
    this.model = new SlowLog(sequence.opensPer, sequence.policy);
  }

  async begin(): Promise<void> {
    await emptyLog();
    const tables = ["suppressions", "lifts", "people", "other_addresses", "soft_bounced_sends", "retries"];
    const address = env.DB.prepare("INSERT INTO people (person, address) VALUES (?1, ?2)");
    await env.DB.batch([
      ...tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
      ...PEOPLE.map((person) => address.bind(person, addressOf(person))),
    ]);
    const sends = PEOPLE.flatMap((person) =>
      ["a", "b"].flatMap((campaign) => ["s1", "s2"].map((send) => ({ person, campaign, send }))),
    );
    const sent = sends.flatMap((send, index) => {
      const atMs = this.#sequence.sent[index];
      return atMs === undefined ? [] : [{ ...send, type: "sent" as const, atMs }];
    });
    await this.#report(sent);
  }

  /** @param around the environment in which it is reported */
  async step(step: Step, around: Env = env): Promise<void> {
    this.#around = around;
    if ("visits" in step) await this.#report(step.visits.flatMap((visit) => this.#visitOf(visit)));
    else if ("outcomes" in step) {
      await this.#report(step.outcomes);
    } else if ("decision" in step) await this.#report([this.#decisionOf(step.decision)]);
    else if ("again" in step) {
      const reported = [...this.#reported];
      const again = step.again.flatMap((share) => reported[Math.floor(share * reported.length)] ?? []);
      await this.#report(
        step.isSameTime === true ? again : again.map((each, nth) => retold(each, step.again[nth] ?? 0)),
      );
    } else await aggregateLog(around, this.#sequence.policy, Number.POSITIVE_INFINITY);
  }

  #visitOf({ edge, ...visit }: Visit): SlowVisit[] {
    const id = `v${this.#count++}`;
    // No two in the same millisecond, so that one is the earliest.
    const atMs = visit.atMs + (this.#count % 1_000);
    if (edge === "honeypot" && this.#sequence.policy.handling.honeypot === "off") return [];
    return [{ ...visit, id, atMs, agent: `agent ${id}`, edge }];
  }

  #decisionOf({ shiftMs = 0, isElsewhere = false, ...decision }: Decision): SlowDecision {
    const id = `d${this.#count++}`;
    // Hours apart, because repeats within an hour add no rows; among the bounces.
    const reportedAtMs = NOW_MS - 80 * HOUR_MS + this.#count * 2 * HOUR_MS;
    const isReported = ["complain", "optOut", "optIn"].includes(decision.type);
    const atMs = reportedAtMs + shiftOf(decision.type, shiftMs);
    return { ...decision, id, atMs, isElsewhere: isElsewhere && isReported };
  }

  async #report(all: readonly (SlowVisit | SlowOutcome | SlowDecision)[]): Promise<void> {
    const visits = all.filter((each): each is SlowVisit => "agent" in each);
    const outcomes = all.filter((each): each is SlowOutcome => "send" in each);
    const decisions = all.filter((each): each is SlowDecision => !("agent" in each) && !("send" in each));
    // What somebody decides on the page comes once; a queue or a provider reports the rest again.
    const isRepeatable = (each: (typeof all)[number]) =>
      !("type" in each) || (each.type !== "unsubscribe" && each.type !== "subscribe");
    this.#reported.push(...all.filter((each) => isRepeatable(each) && !this.#reported.includes(each)));
    for (const visit of visits) this.model.visit(visit);
    if (visits.length > 0) await insertGroups(this.#around, [groupOf(visits.map((visit) => this.#rowOf(visit)))]);
    // A Sent that is told with an outcome comes before it.
    const isSent = ({ type }: SlowOutcome) => type === "sent";
    const inOrder = [...outcomes.filter(isSent), ...outcomes.filter((each) => !isSent(each))];
    for (const outcome of inOrder) this.model.outcome(outcome);
    if (outcomes.length > 0) await reportSlowOutcomes(this.#around, outcomes);
    for (const decision of decisions) {
      this.model.decide(decision);
      await reportSlowDecision(this.#around, decision);
    }
  }

  #rowOf({ id, atMs, agent, edge, link, ...names }: SlowVisit): string {
    const message = { email: EMAIL, ...names };
    const visitor = { userAgent: agent, botPattern: edge === undefined ? undefined : BOT_PATTERNS[edge] };
    if (link !== undefined)
      return rowOf({
        type: "clicked",
        id,
        atMs,
        message,
        visitor,
        link: { id: link, url: `https://a.example/${link}` },
      });
    return rowOf({ type: "opened", id: openedId(message, this.#sequence.opensPer), atMs, message, visitor });
  }
}

/** Reported again, and a complaint with another time often. */
function retold<Report extends SlowVisit | SlowOutcome | SlowDecision>(report: Report, share: number) {
  const hours = Math.floor(share * 1_000) % 12;
  return "type" in report && report.type === "complain"
    ? { ...report, atMs: report.atMs + (hours - 8) * HOUR_MS }
    : report;
}

export function addressOf(person: string, isElsewhere = false): string {
  return `${person}@${isElsewhere ? "other" : "mail"}.example`;
}

async function reportSlowOutcomes(around: Env, outcomes: readonly SlowOutcome[]): Promise<void> {
  const events = outcomes.map(({ type, atMs, category = 1, ...names }): OutcomeEvent => {
    const message = { email: EMAIL, person: names.person, campaign: names.campaign, send: names.send };
    const key = sendKey(message);
    const address = addressOf(names.person);
    if (type === "sent") return { type, id: sentId(key), atMs, message, address };
    if (type === "delivered") return { type, id: deliveredId(key), atMs, message, address };
    if (type === "hardBounced")
      return { type, id: hardBouncedId(key), atMs, message, address, bounce: { category, details: "550 no" } };
    const bounce = { category: 3, details: "452 later" } as const;
    return { type, id: softBouncedId(key, String(attemptOf(atMs))), atMs, message, address, bounce };
  });
  await insertOutcomes(around, { events, decisions: [] }, { retryHours: [1, 24], nowMs: NOW_MS });
}

/** Nobody subscribes ahead of the clock: whoever then unsubscribes on the page is unsubscribed. */
function shiftOf(type: SlowDecision["type"], shiftMs: number): number {
  if (type === "optIn" || type === "add") return Math.min(0, shiftMs);
  return type === "complain" || type === "optOut" ? shiftMs : 0;
}

const REQUEST = { userAgent: "a browser", clientIp: "", referrer: "", query: "", formFields: {} };

async function reportSlowDecision(around: Env, decided: SlowDecision): Promise<void> {
  const { type, id, person, campaign, atMs } = decided;
  const event = { id, atMs, message: { email: EMAIL, person, campaign } };
  if (type === "unsubscribe")
    await unsubscribe(around.DB, { ...event, type: "unsubscribed", cause: "form", request: REQUEST });
  if (type === "subscribe") await subscribe(around.DB, { ...event, type: "subscribed", request: REQUEST });
  if (type === "remove")
    await removeBounced(around.DB, { id, atMs, recipient: { person }, who: "an operator", why: `it works: ${id}` });
  if (type === "add") {
    const words = { cause: "sender", who: undefined, untilMs: undefined };
    const added = { person, address: undefined, reason: "unsubscribed", atMs, isTimed: true, ...words } as const;
    await addSuppressions(around.DB, [added], NOW_MS);
  }
  const report = async (decision: ReportedDecision) => {
    const decisions = [{ event: decision, address: addressOf(person, decided.isElsewhere) }];
    await insertOutcomes(around, { events: [], decisions }, { retryHours: [1, 24], nowMs: NOW_MS });
  };
  if (type === "complain") await report({ ...event, type: "unsubscribed", cause: "complaint" });
  if (type === "optOut") await report({ ...event, type: "unsubscribed", cause: "sender" });
  if (type === "optIn") await report({ ...event, type: "subscribed", by: "sender" });
}
