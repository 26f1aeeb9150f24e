/** What the log holds of one mail, compared with what it has to hold, and shown as a table. */
import Table from "cli-table3";
import pc from "picocolors";
import { EVENT_TYPE_IDS, eventName } from "../events/event.ts";
import { shown } from "./demo-terminal.ts";
import type { ExpectedEvent, MailIds } from "./demo-visit.ts";
import type { LocalD1 } from "./local-worker.ts";

export interface LoggedEvent {
  readonly place: number;
  readonly type: number;
  readonly at: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly link: string | null;
  readonly link_id: string | null;
}

const POLL_MS = 50;
const LEAST_LINK = 12;

export interface LogWait {
  readonly count: number;
  /** How long nothing more may come before the log counts as settled. */
  readonly quietMs: number;
  readonly deadlineMs: number;
}

/** The whole log once it holds `count` events and stays as it is; what it holds at the deadline, if that comes first. */
export async function settledLog(
  d1: LocalD1,
  { count, quietMs, deadlineMs }: LogWait,
): Promise<LoggedEvent[]> {
  const deadline = Date.now() + deadlineMs;
  let seen = -1;
  let since = Date.now();
  for (;;) {
    const { results } = await d1.prepare("SELECT * FROM events ORDER BY place").all<LoggedEvent>();
    if (results.length !== seen) since = Date.now();
    seen = results.length;
    const settled = seen >= count && Date.now() - since >= quietMs;
    if (settled || Date.now() > deadline) return results;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A sentence for each event that is missing, and each that should not be there. */
export function differences(
  log: readonly LoggedEvent[],
  expected: readonly ExpectedEvent[],
  ids: MailIds,
): string[] {
  const left = log.map((event) => ({ event, words: wordsOfLogged(event, ids) }));
  const missing: string[] = [];
  for (const { type, link } of expected) {
    const words = `${eventName(EVENT_TYPE_IDS[type])}${link === undefined ? "" : ` ${link.id} ${link.url}`}`;
    const at = left.findIndex((each) => each.words === words);
    if (at < 0) missing.push(`missing: ${words}`);
    else left.splice(at, 1);
  }
  return [...missing, ...left.map(({ event, words }) => `too much, at place ${event.place}: ${words}`)];
}

function wordsOfLogged({ type, link, link_id, ...event }: LoggedEvent, ids: MailIds): string {
  const ofIt = event.email === ids.email && event.person === ids.person && event.campaign === ids.campaign;
  const whose = ofIt ? "" : ` of email ${event.email}, person ${event.person}, campaign ${event.campaign}`;
  return `${eventName(type)}${link === null ? "" : ` ${link_id} ${link}`}${whose}`;
}

/** At most `columns` wide, unless that leaves no room for a link. */
export function logTable(log: readonly LoggedEvent[], columns: number): string {
  const whole = tableOf(log);
  if (whole.width <= columns) return whole.toString();
  const withoutLinks = tableOf(log.map((event) => ({ ...event, link: null }))).width;
  return tableOf(log, Math.max(LEAST_LINK, columns - withoutLinks + "link".length)).toString();
}

/** `linkWidth` is where links are cut. */
function tableOf(log: readonly LoggedEvent[], linkWidth?: number): Table.Table {
  const head = ["place", "event", "time (UTC)", "link id", "link"].map((title) => pc.bold(title));
  const padding = 2;
  const table = new Table({
    head,
    colWidths: [null, null, null, null, linkWidth === undefined ? null : linkWidth + padding],
    style: { head: [], border: [], compact: true },
  });
  for (const { place, type, at, link, link_id } of log)
    table.push([place, eventName(type), timeOfDay(at), link_id ?? "", shown(link ?? "")]);
  return table;
}

/** "21:30:55.273" */
function timeOfDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 23);
}
