/** What an Opened's row adds to statistics: something to each message from which its pixel was loaded. */
import { decidingLoads, loadsOf, patternOf, shownLoad } from "../events/pixel-loads.ts";
import type { OpenRow } from "../ingest/open-rows.ts";
import type { Message } from "../tokens/claims.ts";
import type { MessageAggregator } from "./message-stats.ts";
import type { OpenedBy } from "./recent.ts";

/** What a row of the log adds to the statistics of one message. */
export interface Addition {
  readonly message: Message;
  readonly addTo: (aggregator: MessageAggregator) => void;
}

/** Only the message whose load the row shows was opened; with OPENS_PER "email" others may have loads, too. */
export function additionsOfOpened(row: OpenRow): readonly Addition[] {
  const { seq, id, email, person } = row;
  const all = loadsOf(row);
  const shown = shownLoad(all);
  const deciding = new Set(decidingLoads(all));
  return [...Map.groupBy(all, ({ campaign }) => campaign)].map(([campaign, loads]) => {
    const by: OpenedBy = shown?.campaign !== campaign ? "nobody" : patternOf(shown) === undefined ? "person" : "bot";
    const opened = { seq, openedId: openedIdOf(id), by, loads, deciding: loads.filter((load) => deciding.has(load)) };
    return { message: { email, person, campaign }, addTo: (aggregator) => aggregator.addOpened(opened) };
  });
}

/** Eight digits of an Opened's id, a hash behind a letter, distinguish the two that a message has at most. */
export function openedIdOf(id: string): string {
  return id.slice(1, 9);
}
