/**
 * A slow, obvious model of the log, the suppressions and the reports, written from the rules of the seven events: it
 * keeps everything that was ever reported, and works out the end from all of it each time.
 */
import { BOT_PATTERNS, type BotMethod, type BotPolicy } from "../../src/bots/bot.ts";
import { slowBots } from "../bots/slow-bots.ts";
import {
  attemptOf,
  DAY_MS,
  outcomeOf,
  type SlowMessage,
  type SlowOutcome,
  type SlowVisit,
  type ToldOutcome,
} from "./slow-outcomes.ts";

/** What somebody decides. It counts by its time; what the page and the operator do is reported when it happens. */
export interface SlowDecision extends SlowMessage {
  readonly type: "unsubscribe" | "complain" | "optOut" | "subscribe" | "optIn" | "remove" | "add";
  /** Unique; the same when it is reported again. */
  readonly id: string;
  readonly atMs: number;
  /** Reported from another address of theirs than the first. */
  readonly isElsewhere: boolean;
}

interface SlowDecisionRow extends SlowMessage {
  readonly type: number;
  readonly atMs: number;
  readonly isComplaint: boolean;
}

const TYPES = { sent: 6, delivered: 7, hardBounced: 8, softBounced: 27 } as const;

export class SlowLog {
  readonly #opensPer: "campaign" | "email";
  readonly #policy: BotPolicy;
  readonly #visits = new Map<string, SlowVisit>();
  readonly #outcomes = new Map<string, ToldOutcome>();
  readonly #decisions = new Map<string, SlowDecision>();
  /** Removals of invalid addresses that lifted something; others are refused. */
  readonly #removals = new Map<string, SlowDecision>();
  /** Whose other address is known. */
  readonly #elsewhere = new Set<string>();

  constructor(opensPer: "campaign" | "email", policy: BotPolicy) {
    this.#opensPer = opensPer;
    this.#policy = policy;
  }

  visit(visit: SlowVisit): void {
    this.#visits.set(visit.id, visit);
  }

  /**
   * A send is delivered once and bounces hard once; every attempt may bounce softly. Told with several times, it is at
   * the earliest, and a hard bounce of several categories is the mildest. A Sent that is told late adds nothing.
   */
  outcome(outcome: SlowOutcome): void {
    const { type, atMs, category } = outcome;
    const key = [type, sendOf(outcome), ...(type === "softBounced" ? [attemptOf(atMs)] : [])].join(" ");
    const before = this.#outcomes.get(key);
    const isKnown = [...this.#outcomes.values()].some((each) => sendOf(each) === sendOf(outcome));
    if (type === "sent" && isKnown && before === undefined) return;
    const toldMs = [...(before?.toldMs ?? []), atMs];
    const mildest = before?.category === 1 ? 1 : category;
    this.#outcomes.set(key, { ...outcome, atMs: Math.min(...toldMs), toldMs, ...(mildest && { category: mildest }) });
  }

  decide(decision: SlowDecision): void {
    const { id, type, person, atMs, isElsewhere } = decision;
    if (isElsewhere) this.#elsewhere.add(person);
    // A complaint that is told with several times is at the earliest.
    const isKnownEarlier = type === "complain" && (this.#decisions.get(id)?.atMs ?? Infinity) <= atMs;
    if (type !== "remove" && !isKnownEarlier) this.#decisions.set(id, decision);
    else if (this.#invalidAts(person).some((at) => at <= atMs)) this.#removals.set(id, decision);
  }

  /** Why a person and their address must not be mailed, sorted; of an opt-out, since when. */
  reasonsOf(person: string, nowMs: number): string[] {
    const since = this.#unsubscribedSince(person);
    return [
      ...(this.#bouncesOf(person, 1).some(({ atMs }) => atMs + DAY_MS > nowMs) ? ["blocked"] : []),
      ...(this.#invalidAts(person).length > 0 ? ["invalid"] : []),
      ...(since === undefined ? [] : [`unsubscribed ${since}`]),
    ];
  }

  /** Why their other address must not be mailed: once it is known, their opt-out is its, too. */
  reasonsElsewhere(person: string): string[] {
    const since = this.#unsubscribedSince(person);
    return this.#elsewhere.has(person) && since !== undefined ? [`unsubscribed ${since}`] : [];
  }

  /** When what their address bounced for ever happened, since the last removal. */
  #invalidAts(person: string): number[] {
    const removedAtMs = Math.max(...[...this.#removals.values()].filter(isOf(person)).map(({ atMs }) => atMs));
    const bounces = this.#bouncesOf(person, 2);
    return bounces.map(({ atMs }) => atMs).filter((atMs) => atMs > removedAtMs);
  }

  #bouncesOf(person: string, category: 1 | 2): ToldOutcome[] {
    return [...this.#outcomes.values()].filter(isOf(person)).filter((each) => each.category === category);
  }

  /** What they decided by turns, in the order of time; whoever subscribes again lifts what is not newer. */
  #subscriptionsOf(person: string): SlowDecisionRow[] {
    const inOrder = [...this.#decisions.values()]
      .filter(isOf(person))
      .sort((one, other) => one.atMs - other.atMs || rank(one) - rank(other) || (one.id < other.id ? -1 : 1));
    const rows: SlowDecisionRow[] = [];
    // An opt-out that was added is no row, and there to be lifted.
    let isAdded = false;
    for (const { type, campaign, atMs } of inOrder) {
      const isUnsubscribed = rows.at(-1)?.type === 9;
      const isSubscribing = isSubscription(type);
      const hasEffect = isSubscribing ? isUnsubscribed || isAdded : !isUnsubscribed;
      isAdded = !isSubscribing && (isAdded || type === "add");
      if (hasEffect && type !== "add")
        rows.push({ type: isSubscribing ? 100_001 : 9, person, campaign, atMs, isComplaint: type === "complain" });
    }
    return rows;
  }

  /** Their own opt-out, or one that was added since they last subscribed, whichever was first. */
  #unsubscribedSince(person: string): number | undefined {
    const all = [...this.#decisions.values()].filter(isOf(person));
    const subscribedAtMs = Math.max(...all.filter(({ type }) => isSubscription(type)).map(({ atMs }) => atMs));
    const added = all.filter(({ type, atMs }) => type === "add" && atMs > subscribedAtMs).map(({ atMs }) => atMs);
    const own = this.#subscriptionsOf(person).at(-1);
    const times = own?.type === 9 ? [own.atMs, ...added] : added;
    return times.length === 0 ? undefined : Math.min(...times);
  }

  get #decisionRows(): SlowDecisionRow[] {
    const people = [...new Set([...this.#decisions.values()].map(({ person }) => person))];
    const removals = [...this.#removals.values()].map((removal) => ({ ...removal, type: 100_002, isComplaint: false }));
    return [...people.flatMap((person) => this.#subscriptionsOf(person)), ...removals];
  }

  /** The rows of the log as texts, sorted. A removal's campaign is that of whichever bounce it lifts. */
  rows(): string[] {
    return [
      ...this.#shown().map(visitText),
      ...[...this.#outcomes.values()].map(outcomeText),
      ...this.#impliedSents().map(outcomeText),
      ...this.#decisionRows.map(({ type, person, campaign }) =>
        type === 100_002 ? `${type} ${person}` : `${type} ${person} ${campaign}`,
      ),
    ].sort();
  }

  /** Email performance by campaign. */
  report(bots: "include" | "exclude", nowMs: number): Record<string, Record<string, number>> {
    const report: Record<string, Record<string, number>> = {};
    const shown = this.#shown().filter(({ pattern }) => bots === "include" || pattern === null);
    const reported = [
      ...this.#visits.values(),
      ...this.#outcomes.values(),
      ...this.#decisionRows.filter(isUnsubscribed),
    ];
    for (const message of distinctMessages(reported)) {
      const mine = shown.filter((visit) => isSame(visit, message));
      const outcomes = [...this.#outcomes.values()].filter((outcome) => isSame(outcome, message));
      const optOuts = this.#decisionRows.filter((row) => isUnsubscribed(row) && isSame(row, message));
      const unsubscribed = optOuts.length > 0;
      const complained = optOuts.some(({ isComplaint }) => isComplaint);
      const clicked = mine.some(({ link }) => link !== undefined);
      const opened = mine.length > 0 || unsubscribed;
      const visited = [...this.#visits.values()].filter((visit) => isSame(visit, message));
      const outcome = opened ? "delivered" : outcomeOf(outcomes, visited, nowMs);
      report[message.campaign] ??= { ...NOTHING };
      const counts = report[message.campaign] ?? {};
      const flags = { sent: true, [outcome]: true, opened, clicked, unsubscribed, complained };
      for (const [name, is] of Object.entries(flags)) counts[name] = (counts[name] ?? 0) + Number(is);
    }
    return report;
  }

  /** Link performance: clicks and people by link. */
  links(bots: "include" | "exclude"): Record<string, { readonly clicks: number; readonly people: number }> {
    const isOnLink = ({ link }: SlowVisit) => link !== undefined && link !== "honeypot";
    const shown = this.#shown().filter((visit) => isOnLink(visit) && (bots === "include" || visit.pattern === null));
    const known = new Set([...this.#visits.values()].filter(isOnLink).map(({ link }) => link ?? ""));
    const counts = [...known].map((id) => {
      const mine = shown.filter(({ link }) => link === id);
      return [id, { clicks: mine.length, people: new Set(mine.map(({ person }) => person)).size }] as const;
    });
    return Object.fromEntries(counts);
  }

  /** The visits that the log shows: all clicks, and one load of each Opened; without those that are filtered. */
  #shown(): ShownVisit[] {
    const classified = [...this.#visits.values()].flatMap((visit) => {
      const method = visit.edge ?? this.#methodOf(visit);
      if (visit.edge === undefined && method !== undefined && this.#policy.handling[method] === "filter") return [];
      return [{ ...visit, pattern: method === undefined ? null : BOT_PATTERNS[method] }];
    });
    const clicks = classified.filter(({ link }) => link !== undefined);
    const loads = classified.filter(({ link }) => link === undefined);
    const opens = Map.groupBy(loads, ({ person, campaign }) =>
      this.#opensPer === "email" ? person : `${person} ${campaign}`,
    );
    const opened = [...opens.values()].flatMap((some) => {
      const byPeople = some.filter(({ pattern }) => pattern === null);
      const [earliest] = (byPeople.length > 0 ? byPeople : some).sort((one, other) => one.atMs - other.atMs);
      return earliest ?? [];
    });
    return [...clicks, ...opened];
  }

  /** One for each send with outcomes whose Sent nobody reported before them, at the time of the earliest. */
  #impliedSents(): ImpliedSent[] {
    const outcomes = [...this.#outcomes.values()];
    const sends = Map.groupBy(outcomes, sendOf);
    return [...sends.values()].flatMap((some) => {
      const [earliest] = some.toSorted((one, other) => one.atMs - other.atMs);
      if (earliest === undefined || some.some(({ type }) => type === "sent")) return [];
      const { person, campaign, atMs } = earliest;
      return [{ person, campaign, atMs }];
    });
  }

  #methodOf(visit: SlowVisit): BotMethod | undefined {
    const activities = [...this.#visits.values()]
      .filter((each) => isSame(each, visit))
      .map(({ id, atMs, link, edge, agent }) => ({ id, second: atMs / 1_000, link, method: edge, agent }));
    const sent = [...this.#outcomes.values()]
      .filter((each) => isSame(each, visit) && (each.type === "sent" || each.type === "delivered"))
      .flatMap(({ toldMs }) => toldMs.map((atMs) => Math.floor(atMs / 1000)));
    for (const [{ id }, method] of slowBots(sent, activities, this.#policy)) if (id === visit.id) return method;
    return undefined;
  }
}

type ImpliedSent = SlowMessage & Pick<SlowOutcome, "atMs"> & { readonly type?: never; readonly category?: never };

function outcomeText({ type, person, campaign, atMs, category }: SlowOutcome | ImpliedSent): string {
  const of = type === "hardBounced" ? [category] : [];
  return [type === undefined ? "implied" : TYPES[type], person, campaign, atMs, ...of].join(" ");
}

function sendOf({ person, campaign, send }: SlowOutcome): string {
  return [person, campaign, send].join(" ");
}

type ShownVisit = SlowVisit & { readonly pattern: string | null };

const NOTHING = {
  sent: 0,
  delivered: 0,
  hardBounced: 0,
  softBounced: 0,
  pending: 0,
  noResponse: 0,
  opened: 0,
  clicked: 0,
  unsubscribed: 0,
  complained: 0,
};

function visitText({ link, person, campaign, atMs, agent, pattern }: ShownVisit): string {
  return [link === undefined ? 10 : 11, person, campaign, atMs, link ?? "", agent, pattern ?? "a person"].join(" ");
}

function isOf(person: string): (each: SlowMessage) => boolean {
  return (each) => each.person === person;
}

function rank({ type }: SlowDecision): number {
  return isSubscription(type) ? 1 : 0;
}

function isSubscription(type: SlowDecision["type"]): boolean {
  return type === "subscribe" || type === "optIn";
}

function isUnsubscribed({ type }: { readonly type: number }): boolean {
  return type === 9;
}

function isSame(one: SlowMessage, other: SlowMessage): boolean {
  return one.person === other.person && one.campaign === other.campaign;
}

function distinctMessages(all: readonly SlowMessage[]): SlowMessage[] {
  return [...new Map(all.map((each) => [`${each.person} ${each.campaign}`, each])).values()];
}
