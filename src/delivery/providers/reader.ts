/** What the translations of all providers have in common: which events have outcomes, and reports of them. */
import * as v from "valibot";
import { ok, refused } from "../../platform/result.ts";
import type { Outcome, Report } from "../outcome.ts";
import { outcomeFor, type ProviderOutcome } from "./bounced.ts";
import type { Provider, WebhookReports } from "./provider.ts";

/** What the reports of one event have in common. */
export interface EventFacts {
  /** Candidates, the likeliest first. */
  readonly tokens: readonly (string | undefined)[];
  /** With or without a name: `Marie <marie@example.com>`. */
  readonly address?: string | undefined;
  readonly atMs: number | undefined;
  /** The event's id at its provider, after the provider's name. */
  readonly sourceId: string;
}

type OutcomesOf<Event> = (event: Event) => readonly ProviderOutcome[];

/** How the events of one provider read. */
export interface EventForm<Event> {
  readonly schema: v.GenericSchema<unknown, Event>;
  /** The provider's word for what happened. */
  readonly nameOf: (event: Event) => string;
  /** What happened, by that word. Events that are not here are ignored. */
  readonly outcomes: Readonly<Record<string, Outcome | OutcomesOf<Event>>>;
  readonly factsOf: (event: Event) => EventFacts;
}

/** A provider's `read`, for webhooks of one event. */
export function eventReader<Event>(form: EventForm<Event>): Provider["read"] {
  return (payload) => {
    const read = readEvents([payload], form);
    return read.unreadable === 0 ? ok(read) : refused("unknown_shape");
  };
}

/** How webhooks of several events read. */
interface EventListForm<Event> extends EventForm<Event> {
  /** A body → its events, each for `schema`. Default: the body is their list. */
  readonly body?: v.GenericSchema<unknown, readonly unknown[]>;
}

const List = v.array(v.unknown());

/** A provider's `read`, for webhooks of several events. */
export function eventListReader<Event>({ body = List, ...form }: EventListForm<Event>): Provider["read"] {
  return (payload) => {
    const events = v.safeParse(body, payload);
    return events.success ? ok(readEvents(events.output, form)) : refused("unknown_shape");
  };
}

/** A provider's `read`, for webhooks of one event or, where the sender has chosen so, of several. */
export function eventsReader<Event>(form: EventForm<Event>): Provider["read"] {
  const readOne = eventReader(form);
  const readList = eventListReader(form);
  return (payload) => (Array.isArray(payload) ? readList(payload) : readOne(payload));
}

function readEvents<Event>(payloads: readonly unknown[], form: EventForm<Event>): WebhookReports {
  const read = payloads.map((payload) => v.safeParse(form.schema, payload));
  const events = read.flatMap((each) => (each.success ? [each.output] : []));
  const reports: Report[] = [];
  let ignored = 0;
  for (const event of events) {
    const outcomes = outcomesOf(event, form);
    if (outcomes.length === 0) ignored++;
    reports.push(...reportsOf(outcomes, form.factsOf(event)));
  }
  return { reports, ignored, unreadable: payloads.length - events.length };
}

function outcomesOf<Event>(event: Event, { nameOf, outcomes }: EventForm<Event>): readonly ProviderOutcome[] {
  const name = nameOf(event);
  const meaning = Object.hasOwn(outcomes, name) ? outcomes[name] : undefined;
  if (meaning === undefined) return [];
  return typeof meaning === "function" ? meaning(event) : [meaning];
}

/** An open that the provider calls a bot's; nothing without its program and its time, by which ours is found. */
export function automatedOpens(
  provider: string,
  isAutomated: boolean | undefined,
  userAgent: string | undefined,
  atMs: number | undefined,
): Outcome[] {
  if (isAutomated !== true || userAgent === undefined || atMs === undefined) return [];
  return [{ type: "automatedOpen", provider, userAgent }];
}

/** One report for each outcome of one event. */
export function reportsOf(meanings: readonly ProviderOutcome[], { tokens, address, ...facts }: EventFacts): Report[] {
  const distinctTokens = [...new Set(tokens.filter((token) => token !== undefined))];
  const bare = bareAddress(address);
  return meanings.map((each) => ({
    ...facts,
    outcome: outcomeFor(bare, each),
    tokens: distinctTokens,
    address: bare,
  }));
}

/** The address in `Marie <marie@example.com>`. */
function bareAddress(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim();
}
