/** GET /v1/reports/devices: opens and clicks by device, the most frequent first. */
import * as v from "valibot";
import { fields, IdParameter } from "../http/schemas.ts";
import { ok, refused } from "../platform/result.ts";
import { type DeviceCounts, deviceCounts } from "./devices.ts";
import { pageByRank, type Rank } from "./rank.ts";
import { report } from "./report.ts";
import { filterOf, MESSAGES, PAGE } from "./report-query.ts";
import { reportTooLarge } from "./statistics.ts";

const MAX = { events: 2_000_000, messages: 10_000_000, userAgents: 5_000 };

export const reportDevices = report({
  name: "devices",
  summary: "Report on which devices emails were opened and clicked",
  description: [
    "Events in the log, those of bots apart. An open that is only implied by a click has no device.",
    "Of the archive up to 200,000 events are read.",
  ].join(" "),
  query: fields({ email: v.optional(IdParameter), ...MESSAGES, ...PAGE }),
  entry: v.object({
    platform: v.nullable(v.string()),
    device: v.nullable(v.string()),
    mobile: v.nullable(v.boolean()),
    opened: v.number(),
    clicks: v.number(),
    bots: v.object({ opened: v.number(), clicks: v.number() }),
  }),
  columns: {
    Platform: ({ platform }: DeviceCounts) => platform,
    Device: ({ device }) => device,
    Mobile: ({ isMobile }) => (isMobile === null ? null : String(isMobile)),
    Opened: ({ opened }) => opened,
    Clicks: ({ clicks }) => clicks,
    "Bots: Opened": ({ bots }) => bots.opened,
    "Bots: Clicks": ({ bots }) => bots.clicks,
  },
  filterOf,
  read: async (stores, { query: { limit }, filter, after }) => {
    const counts = await deviceCounts(stores, filter, MAX);
    if (counts === undefined) return refused(reportTooLarge(`${MAX.events} events, or ${MAX.messages} messages`));
    return ok(pageByRank(counts, rankOf, after, limit));
  },
  entryOf: ({ isMobile, ...counts }) => ({ ...counts, mobile: isMobile }),
  leavesOut: (filter) => filter,
});

/** Opens and clicks of people decide, then those of bots. */
function rankOf({ platform, device, isMobile, opened, clicks, bots }: DeviceCounts): Rank {
  return { counts: [opened + clicks, bots.opened + bots.clicks], key: JSON.stringify([platform, device, isMobile]) };
}
