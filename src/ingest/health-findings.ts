/** What is wrong, by what a check has found: sentences for people, each under a code that stays while they change. */
import type { ArchiveHealth } from "../archive/index.ts";
import type { RefusedSetting } from "../config/settings.ts";
import type { OutboxCounts } from "./outbox.ts";

/** How a capability is. */
export interface PartHealth {
  /** What /healthz shows of it. */
  readonly shown: object;
  /** Sentences for /healthz; none: it is healthy. */
  readonly warnings: readonly string[];
  /** Those for alerts: without what has a post of its own. */
  readonly alerts: readonly string[];
}

/** What a check has found. */
export interface Checkup {
  readonly atMs: number;
  /** "ok", or what is wrong. */
  readonly parts: Readonly<Record<"d1" | "writes" | "migrations" | "outbox", string>>;
  readonly bytes: number | null;
  readonly unaggregated: number | null;
  readonly webhookEndpoints: PartHealth | null;
  readonly counts: OutboxCounts | undefined;
  readonly archive: ArchiveHealth | undefined;
}

/** Parts whose fault keeps events from being recorded. */
const FAILURES = ["d1", "writes", "migrations", "outbox"] as const;
/** What will fail unless somebody acts: the warnings of /healthz, in their order. */
export const WARNINGS = ["size", "archive", "lag", "waiting", "dead_letters", "webhook_endpoints", "settings"] as const;
export type HealthCode = (typeof FAILURES)[number] | (typeof WARNINGS)[number];

/** Sentences; none: it is healthy; undefined: that is unknown. */
export type HealthFindings = Readonly<Record<HealthCode, readonly string[] | undefined>>;

/** Applied, but not all that they made is there any more. */
export const INCOMPLETE = "incomplete: a table or a column that this version needs is missing";
export const TO_MIGRATE = 'not applied: run "npx wrangler d1 migrations apply DB" (with --local or --remote)';

/** D1 takes 10 GB ("Limits" of D1); at eight there is time to shorten the log, or to move. */
const MANY_BYTES = 8e9;
const NEARLY_FULL =
  "D1 is nearly full: move old events into R2 by ARCHIVE_AFTER_DAYS, or delete them by RETENTION_DAYS (or lower them).";
/** The cron aggregates this many in a minute. */
const MANY_UNAGGREGATED = 100_000;

/** @param of whose sentences capabilities give: those of /healthz, or those of alerts */
export function findingsOf(
  { parts, bytes, unaggregated, webhookEndpoints, counts, archive }: Checkup,
  settings: readonly RefusedSetting[],
  of: "warnings" | "alerts",
): HealthFindings {
  const { d1, writes, migrations, outbox } = parts;
  const isMigrated = migrations !== TO_MIGRATE && migrations !== INCOMPLETE;
  const isReached = d1 === "ok" || d1 === TO_MIGRATE;
  const { waiting, deadLetters } = counts ?? {};
  return {
    d1: isReached ? [] : [`D1 is ${d1}: events wait, and nothing can be read.`],
    migrations: isReached ? ifSo(!isMigrated, `The migrations of this version are ${migrations}.`) : undefined,
    writes: isReached && isMigrated ? ifSo(writes !== "ok", `D1 takes no writes: it is ${writes}.`) : undefined,
    outbox: ifSo(outbox !== "ok", `The outbox, which keeps events that D1 does not take, is ${outbox}.`),
    size: ifKnown(bytes, (size) => ifSo(size > MANY_BYTES, NEARLY_FULL)),
    archive: ifKnown(archive, archiveWarnings),
    lag: ifKnown(unaggregated, (count) =>
      ifSo(count > MANY_UNAGGREGATED, `${count} events are not in statistics yet.`),
    ),
    waiting: ifKnown(waiting, (count) =>
      ifSo(count > 0, `${count} groups of events are waiting in the outbox: D1 takes none, or OPENS_PER is wrong.`),
    ),
    dead_letters: ifKnown(deadLetters, (count) =>
      ifSo(count > 0, `${count} groups of events were refused for good: "waxseal dead-letters list" shows them.`),
    ),
    webhook_endpoints: webhookEndpoints?.[of],
    settings: settings.map(({ problem }) => problem),
  };
}

function ifSo(condition: boolean, sentence: string): readonly string[] {
  return condition ? [sentence] : [];
}

function ifKnown<Value>(value: Value | null | undefined, sentences: (value: Value) => readonly string[]) {
  return value === null || value === undefined ? undefined : sentences(value);
}

function archiveWarnings({ lateSinceMs, isReached, lost }: ArchiveHealth): readonly string[] {
  const oldest = `the oldest of ${dayOf(lateSinceMs ?? 0)}`;
  const next = '"waxseal archive run" moves them; when it fails, the Worker\'s log says why.';
  const late = `Events should have moved into the archive two days ago, ${oldest}: ${next}`;
  return [
    ...ifSo(!isReached, "R2 does not answer: archived events cannot be read, and none move."),
    ...ifSo(lost.count > 0, lostWarning(lost)),
    ...ifSo(lateSinceMs !== undefined, late),
  ];
}

function lostWarning({ count, key }: ArchiveHealth["lost"]): string {
  const files =
    count === 1 ? `A file of the archive is lost, ${key}` : `${count} files of the archive are lost, ${key}`;
  return `${files}${count === 1 ? "" : " among them"}: put it back, or give it up. "waxseal archive check" names each.`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
