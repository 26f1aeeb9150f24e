/** /v1/archive: how the archive is, and moving events into it now. */
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { fields, Label, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import type { StatementsForLeaving } from "./messages/leaving.ts";
import type { Segment } from "./segments.ts";
import { archiveStatus } from "./status.ts";
import { archiveClock, archivedBefore, daysBefore, workOnArchive, workOnMessages } from "./work.ts";

/** How long one call works: the last segment may take some seconds more. */
const RUN_MS = 20_000;
/** Without the one that is wrong nobody knows what is old. */
const RULE = ["ARCHIVE_AFTER_DAYS", "ARCHIVE_ABOVE_GB", "MESSAGE_DAYS"] as const;
const NOT_ARCHIVED = "Events could not be archived";
const MIN_DAYS = 2;
const MAX_DAYS = 99_999;

const Archive = v.pipe(
  v.object({
    on: v.boolean(),
    afterDays: v.optional(v.pipe(v.number(), v.description("`ARCHIVE_AFTER_DAYS`. Missing: it is not set."))),
    segments: v.number(),
    events: v.number(),
    bytes: v.number(),
    firstDay: v.optional(v.pipe(Label, v.description("On which the first archived event was recorded, in UTC."))),
    lastDay: v.optional(Label),
    lastSeq: v.pipe(v.number(), v.description("Of the last archived event. Those behind it are in D1.")),
    d1: v.object({
      events: v.pipe(v.number(), v.description("Also copies of archived ones that stay in D1.")),
      more: v.pipe(v.boolean(), v.description("There are more than the ten million that were counted.")),
      bytes: v.optional(v.number()),
      oldestAt: v.optional(
        v.pipe(TimeAnswer, v.description("When the oldest event was recorded that may move. Missing: there is none.")),
      ),
    }),
    messages: v.pipe(
      v.object({ files: v.number(), messages: v.number(), bytes: v.number() }),
      v.description("In files of messages to which nothing has happened for `MESSAGE_DAYS`."),
    ),
    lostFiles: v.pipe(
      v.number(),
      v.description("Files that R2 does not have as they were written, as far as somebody has missed them."),
    ),
    recalled: v.object({
      events: v.pipe(v.number(), v.description("Archived events that changed: their segments are to be rewritten.")),
      rewriteAt: v.optional(v.pipe(TimeAnswer, v.description("When the first segment may be rewritten."))),
    }),
  }),
  v.title("Archive"),
);

export const showArchive = operation({
  summary: "Show the archive",
  description: "How much of the log is in R2 and in D1. It counts the events in D1.",
  answers: { 200: { description: "The archive", schema: Archive } },
  handle: async (context) => {
    const { afterDays } = configured(context.env).archive;
    const status = await orStorageUnavailable("The archive could not be read", () => archiveStatus(context.env.DB));
    const { firstDay, lastDay, d1, recalled, ...counts } = status;
    const { oldestAtMs, isMore } = d1;
    const { rewriteAtMs } = recalled;
    return context.json({
      on: afterDays !== undefined,
      ...(afterDays === undefined ? {} : { afterDays }),
      ...counts,
      ...(firstDay === null ? {} : { firstDay }),
      ...(lastDay === null ? {} : { lastDay }),
      d1: {
        events: d1.events,
        more: isMore,
        ...(d1.bytes === undefined ? {} : { bytes: d1.bytes }),
        ...(oldestAtMs === undefined ? {} : { oldestAt: isoTime(oldestAtMs) }),
      },
      recalled: { events: recalled.events, ...(rewriteAtMs === null ? {} : { rewriteAt: isoTime(rewriteAtMs) }) },
    });
  },
});

const SegmentAnswer = v.pipe(
  v.object({
    firstSeq: v.number(),
    lastSeq: v.number(),
    day: v.pipe(Label, v.description("On which its events were recorded, in UTC.")),
    version: v.number(),
    events: v.number(),
    bytes: v.number(),
  }),
  v.title("Segment"),
);

/** How answers show a segment. */
function segmentAnswer({ first, last, day, version, rows, bytes }: Segment) {
  return { firstSeq: first, lastSeq: last, day, version, events: rows, bytes };
}

const DAYS_ARE = `must be a whole number of days, from ${MIN_DAYS} to ${MAX_DAYS}`;

/** @param deletionsWith what else D1 has of messages that move, and is deleted with them */
export const runArchive = (deletionsWith: StatementsForLeaving) =>
  operation({
    summary: "Move events into the archive now",
    description: [
      "Rewrites the segments that are due, and moves the events that are old enough, for some 20 seconds. While",
      "`more` is true, call it again. Without `olderThanDays`, `ARCHIVE_AFTER_DAYS` and `ARCHIVE_ABOVE_GB` decide what",
      "is old.",
    ].join(" "),
    body: fields({
      olderThanDays: v.optional(
        v.pipe(
          v.number(DAYS_ARE),
          v.integer(DAYS_ARE),
          v.minValue(MIN_DAYS, DAYS_ARE),
          v.maxValue(MAX_DAYS, DAYS_ARE),
          v.description("Events that were recorded before the day so many days ago, in UTC, move."),
        ),
      ),
    }),
    answers: {
      200: {
        description: "What was done",
        schema: v.object({
          written: v.array(SegmentAnswer),
          rewritten: v.pipe(v.number(), v.description("How many segments were.")),
          messages: v.pipe(v.number(), v.description("How many messages have moved, by `MESSAGE_DAYS`.")),
          more: v.pipe(v.boolean(), v.description("Time was up: there may be more to do.")),
        }),
      },
    },
    example: { body: { olderThanDays: 30 } },
    handle: async (context, { body: { olderThanDays } }) => {
      const { env } = context;
      const { archive } = configured(env, ...(olderThanDays === undefined ? RULE : []));
      const beforeMs = await orStorageUnavailable(NOT_ARCHIVED, () => timeOfRun(env, archive, olderThanDays));
      if (beforeMs === undefined) throw new ApiError(NOBODY_SAYS_WHAT_IS_OLD);
      const work = await orStorageUnavailable(NOT_ARCHIVED, async () => {
        const untilMs = Date.now() + RUN_MS;
        const events = await workOnArchive(env, beforeMs, untilMs);
        const messages = events.isMore ? 0 : await workOnMessages(env, archive, untilMs, deletionsWith);
        return { ...events, messages, isMore: events.isMore || messages > 0 };
      });
      const { written, rewritten, messages, isMore } = work;
      return context.json({ written: written.map(segmentAnswer), rewritten, messages, more: isMore });
    },
  });

const NOBODY_SAYS_WHAT_IS_OLD = {
  status: 400,
  code: "missing_field",
  message: "olderThanDays is missing: ARCHIVE_AFTER_DAYS is not set, so it says what moves.",
  field: "olderThanDays",
} as const;

/** @returns undefined when nobody says what is old */
async function timeOfRun({ DB }: Env, rule: Settings["archive"], olderThanDays: number | undefined) {
  if (olderThanDays === undefined) return await archivedBefore(DB, rule);
  return daysBefore((await archiveClock(DB)).nowMs, olderThanDays);
}
