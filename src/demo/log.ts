/** The log of the demo's emails: compared with what it must hold, and shown as a table. */
import { setTimeout } from "node:timers/promises";
import Table from "cli-table3";
import pc from "picocolors";
import * as v from "valibot";
import { printable } from "../cli/printable.ts";
import type { LocalD1 } from "../dev/local-worker.ts";
import { eventName } from "../events/event.ts";

/** What an event of the log is known by. */
export interface DemoEvent {
  /** The id of its type. */
  readonly type: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send?: string | null;
  readonly link?: string | null;
  readonly link_id?: string | null;
  /** JSON object. */
  readonly detail?: string | null;
}

export interface LoggedEvent extends DemoEvent {
  readonly seq: number;
  readonly at: number;
}

const Bounced = v.pipe(v.string(), v.parseJson(), v.object({ category: v.number(), status: v.optional(v.string()) }));

const POLL_MS = 50;
const DEADLINE_MS = 30_000;
/** How long to wait for events that should not be there. */
export const QUIET_MS = 600;

/** The whole log, once it holds `count` events or at the deadline, and nothing more should come. */
export async function settledLog(d1: LocalD1, count: number): Promise<LoggedEvent[]> {
  const readAll = async () => (await d1.prepare("SELECT * FROM events ORDER BY seq").all<LoggedEvent>()).results;
  const deadlineAtMs = Date.now() + DEADLINE_MS;
  while ((await readAll()).length < count && Date.now() < deadlineAtMs) await setTimeout(POLL_MS);
  await setTimeout(QUIET_MS);
  return await readAll();
}

/** A sentence for each event that is missing, and each that should not be there. */
export function differences(log: readonly LoggedEvent[], expected: readonly DemoEvent[]): string[] {
  const left = log.map((event) => ({ event, words: wordsOf(event) }));
  const missing: string[] = [];
  for (const words of expected.map(wordsOf)) {
    const at = left.findIndex((each) => each.words === words);
    if (at < 0) missing.push(`missing: ${words}`);
    else left.splice(at, 1);
  }
  return [...missing, ...left.map(({ event, words }) => `too much, at seq ${event.seq}: ${words}`)];
}

/** "Soft Bounced category 3, 4.2.2 of 1042/7/88012/2e5cf27e25c3f66d": email, person, campaign, send. */
function wordsOf(event: DemoEvent): string {
  const { type, email, person, campaign, send, link_id } = event;
  const about = [link_id, aboutOf(event)].map((word) => (word ? ` ${word}` : "")).join("");
  return `${eventName(type)}${about} of ${email}/${person}/${campaign}${send ? `/${send}` : ""}`;
}

/** The link of a click, "category 3, 4.2.2" of a bounce, nothing of others. */
function aboutOf({ link, detail }: DemoEvent): string {
  const bounced = v.safeParse(Bounced, detail);
  if (!bounced.success) return link ?? "";
  const { category, status } = bounced.output;
  return `category ${category}${status === undefined ? "" : `, ${status}`}`;
}

/** Room for five digits, the longest name, a time and an id of eight characters; with the cells' padding. */
const WIDTHS = [7, 14, 14, 11];
const BORDERS = 6;
/** Room for "category 3, 4.2.2". */
const MIN_ABOUT_WIDTH = 19;

/** A table of `columns` characters, 71 at least. An event has a send or a link, and a link or a bounce. */
export function logTable(log: readonly LoggedEvent[], columns: number): string {
  const others = WIDTHS.reduce((sum, width) => sum + width, BORDERS);
  const table = new Table({
    head: ["seq", "event", "time (UTC)", "send/link", "link/bounce"].map((title) => pc.bold(title)),
    colWidths: [...WIDTHS, Math.max(MIN_ABOUT_WIDTH, columns - others)],
    style: { head: [], border: [], compact: true },
  });
  for (const event of log) {
    const { seq, type, at, send, link_id } = event;
    const timeOfDay = new Date(at).toISOString().slice(11, 23);
    table.push([seq, eventName(type), timeOfDay, link_id ?? send ?? "", printable(aboutOf(event))]);
  }
  return table.toString();
}
