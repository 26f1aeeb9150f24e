/** The log of the demo's emails: compared with what it must hold, and shown as a table. */
import Table from "cli-table3";
import pc from "picocolors";
import * as v from "valibot";
import { printable } from "../cli/printable.ts";
import type { LocalD1 } from "../dev/local-worker.ts";
import { EVENT_TYPES, eventName } from "../events/event.ts";
import type { ExpectedEvent } from "./life.ts";
import type { MailIds } from "./sender.ts";

export interface LoggedEvent {
  readonly seq: number;
  readonly type: number;
  readonly at: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send: string | null;
  readonly link: string | null;
  readonly link_id: string | null;
  /** JSON object. */
  readonly detail: string | null;
}

const Bounced = v.pipe(v.string(), v.parseJson(), v.object({ category: v.number(), status: v.optional(v.string()) }));

const POLL_MS = 50;
/** Room for "category 3, 4.2.2". */
const MIN_LINK_WIDTH = 17;
/** The width of the column's title, one more than a link's id. */
const CUT_SEND_WIDTH = 9;

export interface LogWait {
  readonly count: number;
  /** The log counts as settled when no event came for so long. */
  readonly quietMs: number;
  readonly deadlineMs: number;
}

/** The whole log, once it holds `count` events and has settled, or at the deadline. */
export async function settledLog(d1: LocalD1, { count, quietMs, deadlineMs }: LogWait): Promise<LoggedEvent[]> {
  const deadline = Date.now() + deadlineMs;
  let seen = -1;
  let since = Date.now();
  for (;;) {
    const { results } = await d1.prepare("SELECT * FROM events ORDER BY seq").all<LoggedEvent>();
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
  ids: Omit<MailIds, "person">,
): string[] {
  const left = log.map((event) => ({ event, words: loggedText(event, ids) }));
  const missing: string[] = [];
  for (const event of expected) {
    const words = expectedText(event);
    const at = left.findIndex((each) => each.words === words);
    if (at < 0) missing.push(`missing: ${words}`);
    else left.splice(at, 1);
  }
  return [...missing, ...left.map(({ event, words }) => `too much, at seq ${event.seq}: ${words}`)];
}

function expectedText({ type, link, bounce, send, person }: ExpectedEvent): string {
  const name = eventName(EVENT_TYPES[type].id);
  return joined([
    name,
    link && `${link.id} ${link.url}`,
    bounce && bounceWords(bounce),
    sendWords(send),
    `of person ${person}`,
  ]);
}

function loggedText(event: LoggedEvent, { email, campaign }: Omit<MailIds, "person">): string {
  const { link, link_id, send, person } = event;
  const isForeign = event.email !== email || event.campaign !== campaign;
  return joined([
    eventName(event.type),
    link === null ? undefined : `${link_id} ${link}`,
    bounceIn(event),
    sendWords(send),
    `of person ${person}`,
    isForeign ? `and email ${event.email}, campaign ${event.campaign}` : undefined,
  ]);
}

function sendWords(send: string | null | undefined): string | undefined {
  return send === null || send === undefined ? undefined : `of send ${send}`;
}

/** "category 3, 4.2.2" of a bounce. */
function bounceIn({ detail }: LoggedEvent): string | undefined {
  const read = v.safeParse(Bounced, detail);
  return read.success ? bounceWords(read.output) : undefined;
}

function bounceWords({ category, status }: v.InferOutput<typeof Bounced>): string {
  return `category ${category}${status === undefined ? "" : `, ${status}`}`;
}

function joined(words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined).join(" ");
}

/** A table of at most `columns` characters, unless that leaves no room for a link. Sends are cut before links. */
export function logTable(log: readonly LoggedEvent[], columns: number): string {
  const whole = tableOf(log);
  if (whole.width <= columns) return whole.toString();
  const spare = columns - tableOf(log, MIN_LINK_WIDTH).width;
  return tableOf(log, MIN_LINK_WIDTH + Math.max(0, spare)).toString();
}

/**
 * An event has a send or a link, and a link or a bounce, so each pair shares a column.
 * @param linkWidth cuts links to so many characters, and sends, too; undefined: nothing is cut
 */
function tableOf(log: readonly LoggedEvent[], linkWidth?: number): Table.Table {
  const head = ["seq", "event", "time (UTC)", "send/link", "link/bounce"].map((title) => pc.bold(title));
  const padding = 2;
  const cut = linkWidth === undefined ? [null, null] : [CUT_SEND_WIDTH + padding, linkWidth + padding];
  const table = new Table({
    head,
    colWidths: [null, null, null, ...cut],
    style: { head: [], border: [], compact: true },
  });
  for (const event of log) {
    const { seq, type, at, send, link, link_id } = event;
    table.push([seq, eventName(type), timeOfDay(at), link_id ?? send ?? "", printable(link ?? bounceIn(event) ?? "")]);
  }
  return table;
}

/** "21:30:55.273" */
function timeOfDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 23);
}
