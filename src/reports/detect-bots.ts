/**
 * Detects bots that show among a message's events, and reverts what they counted. An event that has left the log since
 * it was aggregated goes on counting as what it was.
 */
import { type LogStores, recallEvents } from "../archive/index.ts";
import type { BotPolicy } from "../bots/bot.ts";
import { loadsOf, mergedLoads } from "../events/pixel-loads.ts";
import { events } from "../events/schema.ts";
import { changeOf, isMoved, type OpenChange, openRowsWhere } from "../ingest/open-rows.ts";
import type { Message } from "../tokens/claims.ts";
import { seqsInD1 } from "./event-seqs.ts";
import type { DetectedClick, MessageAggregator } from "./message-stats.ts";
import { additionsOfOpened, openedIdOf } from "./opened.ts";

/** By `textOf` their messages. */
export type Messages = ReadonlyMap<string, MessageAggregator>;

export function textOf({ email, campaign, person }: Message): string {
  // Ids have no slash in them.
  return `${email}/${campaign}/${person}`;
}

/** What is to be written to the log. */
export interface Detected {
  readonly clicks: readonly DetectedClick[];
  readonly opened: readonly OpenChange[];
}

/**
 * @param from the seq up to which the log was aggregated before
 * @throws the errors of D1 and R2
 */
export async function detectBots(
  stores: LogStores,
  messages: Messages,
  policy: BotPolicy,
  from: number,
): Promise<Detected> {
  const bots = [...messages.values()].map((aggregator) => ({ aggregator, ...aggregator.detectBots(policy) }));
  const { DB: d1 } = stores;
  const detected = bots.flatMap(({ opened, clicks }) => [...opened, ...clicks.map(({ click }) => click.seq)]);
  await recallEvents(stores, detected);
  const openedSeqs = new Set(bots.flatMap(({ opened }) => opened));
  // Before any click is reverted, because clicks are evidence.
  const opened = openedSeqs.size === 0 ? [] : await reclassifyOpened(d1, [...openedSeqs], messages, policy);
  const aggregatedBefore = bots.flatMap(({ clicks }) =>
    clicks.map(({ click }) => click.seq).filter((seq) => seq <= from),
  );
  const inLog = await seqsInD1(d1, aggregatedBefore);
  const clicks = bots.flatMap(({ aggregator, clicks: some }) => {
    const reverted = some.filter(({ click: { seq } }) => seq > from || inLog.has(seq));
    aggregator.revertClicks(reverted, policy);
    return reverted;
  });
  return { clicks, opened };
}

async function reclassifyOpened(
  d1: D1Database,
  seqs: readonly number[],
  messages: Messages,
  policy: BotPolicy,
): Promise<readonly OpenChange[]> {
  const rows = await openRowsWhere(d1, events.seq, seqs);
  return rows.flatMap((row) => {
    const aggregatorOf = (campaign: string) => messages.get(textOf({ ...row, campaign }));
    const loads = [...Map.groupBy(loadsOf(row), ({ campaign }) => campaign)].flatMap(
      ([campaign, some]) => aggregatorOf(campaign)?.reclassified(some, policy) ?? some,
    );
    const [change] = changeOf(row, mergedLoads(loads, []));
    // A row that moves is added again at its new seq.
    const isLeaving = change !== undefined && isMoved(change);
    for (const { message, addTo } of additionsOfOpened({ ...row, ...change?.after })) {
      const aggregator = aggregatorOf(message.campaign);
      if (isLeaving) aggregator?.removeOpened(openedIdOf(row.id));
      else if (aggregator !== undefined) addTo(aggregator);
    }
    return change === undefined ? [] : [change];
  });
}
