/** Marks the bots of simulated mailings by the rules alone: as aggregation does once all is in the log, and faster. */
import type { BotPolicy } from "../../src/bots/bot.ts";
import { type Activity, botActivitiesAmong, methodOf } from "../../src/bots/burst.ts";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { namedRow } from "../../src/events/row.ts";
import { type Mailing, truthKey } from "./simulated-mailing.ts";

export interface Confusion {
  readonly precision: number;
  readonly recall: number;
  /** The share of people's events that are marked. */
  readonly peopleMarked: number;
}

interface Received {
  readonly sentSeconds: Set<number>;
  /** By `truthKey`. */
  readonly activities: Map<string, Activity>;
}

/** Of several mailings the figures of all of their events together. */
export function markedMailings(mailings: readonly Mailing[], policy: BotPolicy): Confusion {
  const counts = { bot: { marked: 0, all: 0 }, person: { marked: 0, all: 0 } };
  for (const { arrivals, truth } of mailings)
    for (const { sentSeconds, activities } of receivedOf(arrivals).values()) {
      const found = botActivitiesAmong([...sentSeconds], [...activities.values()], policy);
      for (const [key, activity] of activities) {
        const by = truth.get(key)?.by;
        if (by === undefined) continue;
        counts[by].all++;
        if (activity.method !== undefined || found.has(activity)) counts[by].marked++;
      }
    }
  const { bot, person } = counts;
  return {
    precision: bot.marked / (bot.marked + person.marked),
    recall: bot.marked / bot.all,
    peopleMarked: person.marked / person.all,
  };
}

/** What each message has received, by its person. */
function receivedOf(arrivals: Mailing["arrivals"]): ReadonlyMap<string, Received> {
  const messages = new Map<string, Received>();
  for (const { row } of arrivals) {
    const { id, type, at, person, link_id, bot_pattern, user_agent } = namedRow(JSON.parse(row));
    const message = messages.get(String(person)) ?? { sentSeconds: new Set(), activities: new Map() };
    messages.set(String(person), message);
    const isActivity = type === EVENT_TYPES.opened.id || type === EVENT_TYPES.clicked.id;
    if (!isActivity) message.sentSeconds.add(Math.floor(Number(at) / 1_000));
    else
      message.activities.set(truthKey(String(id), Number(at)), {
        second: Number(at) / 1_000,
        link: typeof link_id === "string" ? link_id : undefined,
        method: typeof bot_pattern === "string" ? methodOf(bot_pattern) : undefined,
        agent: String(user_agent),
      });
  }
  return messages;
}
