/** What the translations of all providers have in common: which events have outcomes, and reports of them. */
import * as v from "valibot";
import { ok, refused } from "../../platform/result.ts";
import type { Outcome, Report } from "../outcome.ts";
import type { Provider } from "./provider.ts";

/** What the reports of one event have in common. */
export interface EventFacts {
  /** Candidates, the likeliest first. */
  readonly tokens: readonly (string | undefined)[];
  /** With or without a name: `Marie <marie@example.com>`. */
  readonly address?: string | undefined;
  readonly atMs: number | undefined;
  /** The event's id at its provider, after the provider's name. */
  readonly occurrence: string;
}

/** How the events of one provider read. */
export interface EventForm<Event> {
  readonly schema: v.GenericSchema<unknown, Event>;
  /** The provider's word for what happened. */
  readonly nameOf: (event: Event) => string;
  /** What happened, by that word. Events that are not here are ignored. */
  readonly outcomes: Readonly<Record<string, Outcome | ((event: Event) => readonly Outcome[])>>;
  readonly factsOf: (event: Event) => EventFacts;
}

/** A provider's `read`, for webhooks of one event. */
export function eventReader<Event>(form: EventForm<Event>): Provider["read"] {
  return eventsReader({
    ...form,
    schema: v.pipe(
      form.schema,
      v.transform((event) => [event]),
    ),
  });
}

/** A provider's `read`, for webhooks of several events. */
export function eventsReader<Event>({
  schema,
  nameOf,
  outcomes,
  factsOf,
}: Omit<EventForm<Event>, "schema"> & { readonly schema: v.GenericSchema<unknown, Event[]> }): Provider["read"] {
  const table = new Map(Object.entries(outcomes));
  const outcomesOf = (event: Event): readonly Outcome[] => {
    const outcome = table.get(nameOf(event)) ?? [];
    if (typeof outcome === "function") return outcome(event);
    return "type" in outcome ? [outcome] : outcome;
  };
  return (payload) => {
    const events = v.safeParse(schema, payload);
    if (!events.success) return refused("unknown_shape");
    const reports = events.output.map((event) => reportsOf(outcomesOf(event), factsOf(event)));
    const ignored = reports.filter((each) => each.length === 0).length;
    return ok({ reports: reports.flat(), ignored });
  };
}

/** One report for each outcome of one event. */
export function reportsOf(outcomes: readonly Outcome[], { tokens, address, ...facts }: EventFacts): Report[] {
  const distinctTokens = [...new Set(tokens.filter((token) => token !== undefined))];
  return outcomes.map((outcome) => ({ ...facts, outcome, tokens: distinctTokens, address: bareAddress(address) }));
}

/** The address in `Marie <marie@example.com>`. */
function bareAddress(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim();
}
