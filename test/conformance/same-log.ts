/** Compares the real code on the real D1, and its archive, with the slow model. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect } from "vitest";
import { recallFiled } from "../../src/archive/index.ts";
import { eventAnswer } from "../../src/feed/event-answer.ts";
import type { FeedFilter } from "../../src/feed/feed-filter.ts";
import { readFeedPage } from "../../src/feed/feed-page.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { type Suppression, suppressionsOf } from "../../src/suppressions/suppressions.ts";
import { type Move, whileMoving } from "../archive/moving.ts";
import { archiveAll, moveAllMessages, rewriteAll, rewriteAllFiles, wholeLog } from "../archive/whole-log.ts";
import { KEYS } from "../tokens/keyring.ts";
import { addressOf, EMAIL, Reporter } from "./reporter.ts";
import { NOW_MS, PEOPLE, type Sequence } from "./sequences.ts";
import type { SlowLog } from "./slow-log.ts";

interface LogRow {
  readonly type: number;
  readonly person: string;
  readonly campaign: string;
  readonly at: number;
  readonly link_id: string | null;
  readonly user_agent: string | null;
  readonly bot_pattern: string | null;
  readonly is_implied: number | null;
  readonly category: number | null;
}

async function realRows(): Promise<string[]> {
  const query = `SELECT type, person, campaign, at, link_id, user_agent, bot_pattern,
    iif(type = 6, detail->>'implied', NULL) AS is_implied, iif(type = 8, detail->>'category', NULL) AS category
    FROM events WHERE type <> 0`;
  const rows = await wholeLog<LogRow>(query);
  return rows
    .map(({ type, person, campaign, at, link_id, user_agent, bot_pattern, is_implied, category }) => {
      if (is_implied === 1) return ["implied", person, campaign, at].join(" ");
      if (type === 100_002) return [type, person].join(" ");
      if (type === 9 || type === 100_001) return [type, person, campaign].join(" ");
      if (type === 8) return [type, person, campaign, at, category].join(" ");
      if (type !== 10 && type !== 11) return [type, person, campaign, at].join(" ");
      return [type, person, campaign, at, link_id ?? "", user_agent, bot_pattern ?? "a person"].join(" ");
    })
    .sort();
}

async function realReport(bots: "include" | "exclude", nowMs: number): Promise<Record<string, Record<string, number>>> {
  const counts = await emailCounts(env.DB, { bots }, { by: "campaign", limit: 100 }, nowMs);
  return Object.fromEntries(
    counts.map(({ id, name, openedByPixel, firstSentAtMs, lastSentAtMs, bots: _, ...counted }) => [id, counted]),
  );
}

async function realLinks(bots: "include" | "exclude") {
  const counts = await linkCounts(env.DB, { bots, email: EMAIL });
  return Object.fromEntries(counts.map(({ id, clicks, people }) => [id, { clicks, people }]));
}

/** What somebody has who follows the feed: events by their ids, in their latest form. */
class FeedReader {
  readonly #events = new Map<string, string>();
  #after = 0;

  async readToEnd(): Promise<void> {
    while (await this.#readOn());
  }

  async #readOn(): Promise<boolean> {
    const page = await readFeedPage(env, { after: this.#after, limit: 1_000 }, EVERYTHING);
    this.#after = page.next;
    for (const event of page.rows.map((row) => eventAnswer(row, KEYS))) {
      if (event.type === "retracted") this.#events.delete(String(event.id));
      else this.#events.set(String(event.id), JSON.stringify(event));
    }
    return page.next < page.end;
  }

  get events(): string[] {
    return [...this.#events.values()].sort();
  }
}

/** Lets the whole log have been recorded days ago, when the archive takes an event. */
async function recordLongAgo(): Promise<void> {
  await env.DB.prepare(`UPDATE events SET recorded_at = recorded_at - 864000000
    WHERE recorded_at > (unixepoch() - 432000) * 1000`).run();
}

/** Somebody who follows the feed reads it after each third step: by turns before and after the archive's work. */
const STEPS_A_READ = 3;

const EVERYTHING: FeedFilter = { bots: "include" };

/** What happens to the archive after a step. */
export interface Archiving {
  /** In segments of so many events; 0: nothing is archived. */
  readonly size: number;
  readonly isRewritten: boolean;
  /** What happens to the rows of all messages. */
  readonly messages: "stay" | "move" | "rewrite";
}

export const ARCHIVINGS = fc.array(
  fc.record({
    size: fc.constantFrom(0, 0, 2, 4, 50),
    isRewritten: fc.boolean(),
    messages: fc.constantFrom("stay", "stay", "move", "rewrite"),
  }),
  { minLength: 1, maxLength: 20 },
);

async function archive({ size, isRewritten, messages }: Archiving): Promise<void> {
  if (size > 0) await archiveAll(size);
  if (isRewritten) await rewriteAll();
  if (messages === "move") await moveAllMessages();
  if (messages === "rewrite") await rewriteAllFiles();
}

/**
 * Reports a sequence to the real code and to the model, and compares what both end with.
 * @param archivings what happens to the archive after each step, in turn
 * @param moves what happens to it between the statements of the next step; then each event is old
 */
export async function expectSame(
  sequence: Sequence,
  archivings: readonly Archiving[] = [],
  moves: readonly (readonly Move[])[] = [],
): Promise<void> {
  const reporter = new Reporter(sequence);
  const [following, latecomer] = [new FeedReader(), new FeedReader()];
  await reporter.begin();
  for (const [turn, step] of sequence.steps.entries()) {
    const during = moves[turn];
    if (during !== undefined) await recordLongAgo();
    await reporter.step(step, during === undefined ? env : whileMoving(during));
    const [isRead, isBeforeArchiving] = [turn % STEPS_A_READ === 0, turn % (2 * STEPS_A_READ) === 0];
    if (isRead && isBeforeArchiving) await following.readToEnd();
    await archive(archivings[turn % Math.max(1, archivings.length)] ?? NO_ARCHIVING);
    if (isRead && !isBeforeArchiving) await following.readToEnd();
  }
  await reporter.step({ aggregate: true });
  await following.readToEnd();
  await latecomer.readToEnd();
  expect(following.events).toEqual(latecomer.events);
  const { model } = reporter;
  expect(await realRows()).toEqual(model.rows());
  if (archivings.length > 0 || moves.length > 0) await expectSameOfFiles(model);
  for (const bots of ["include", "exclude"] as const) {
    expect(await realReport(bots, NOW_MS)).toEqual(model.report(bots, NOW_MS));
    expect(await realLinks(bots)).toEqual(model.links(bots));
  }
  const [own, elsewhere] = [(person: string) => model.reasonsOf(person, NOW_MS), model.reasonsElsewhere.bind(model)];
  for (const [of, subjects, expected] of [
    ["people", PEOPLE.map((person) => ({ person })), own],
    ["addresses", PEOPLE.map((person) => ({ address: addressOf(person) })), own],
    ["other addresses", PEOPLE.map((person) => ({ address: addressOf(person, true) })), elsewhere],
  ] as const) {
    const suppressed = await suppressionsOf(env.DB, subjects, NOW_MS);
    const reasons = suppressed.map((each) => each.map(reasonText));
    expect({ of, reasons }).toEqual({ of, reasons: PEOPLE.map(expected) });
  }
}

/** Compares reports while messages are in files, and brings them back. */
async function expectSameOfFiles(model: SlowLog): Promise<void> {
  // Those in files count by the day: none of them may still be pending.
  for (const bots of ["include", "exclude"] as const)
    expect(await realReport(bots, LATER_MS)).toEqual(model.report(bots, LATER_MS));
  await expectBouncesInD1();
  await recallFiled(
    env,
    PEOPLE.map((person) => ({ person })),
  );
  await expectBouncesInD1();
}

/** Reports of bounces read D1 alone: it has those of the messages in it. */
async function expectBouncesInD1(): Promise<void> {
  const query = `SELECT seq FROM events JOIN message_stats USING (email, campaign, person)
    WHERE type IN (8, 27) AND seq NOT IN (SELECT seq FROM main.events)`;
  expect(await wholeLog(query)).toEqual([]);
}

function reasonText({ reason, sinceMs }: Suppression): string {
  return reason === "unsubscribed" ? `${reason} ${sinceMs}` : reason;
}

const NO_ARCHIVING: Archiving = { size: 0, isRewritten: false, messages: "stay" };
const LATER_MS = NOW_MS + 10 * 86_400_000;
