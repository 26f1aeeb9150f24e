/** What requests say of an endpoint, and how answers write it. */
import * as v from "valibot";
import { fields, IdAnswer, idAnswer, Line, NamedIdField, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import type { EndpointProgress } from "./endpoint.ts";
import type { EndpointChanges, EndpointRow } from "./endpoints.ts";
import { WEBHOOK_TYPES } from "./names.ts";
import { ENDPOINT_STATUSES, type EndpointStatus } from "./status.ts";

const MAX_URL_CHARS = 2_048;
const MAX_DESCRIPTION_CHARS = 255;
const MAX_BATCH = 100;

const TYPE_NAMES = [...WEBHOOK_TYPES.keys()];
const BATCH = `must be an integer from 1 to ${MAX_BATCH}`;

const Url = v.pipe(Line, v.maxLength(MAX_URL_CHARS, `must have at most ${MAX_URL_CHARS} characters`));
const Types = v.pipe(
  v.array(v.picklist(TYPE_NAMES, `must be one of ${TYPE_NAMES.join(", ")}`), "must be a list"),
  v.minLength(1, "must name a type"),
  v.maxLength(TYPE_NAMES.length, "must name each type once"),
);
const Description = v.pipe(
  Line,
  v.maxLength(MAX_DESCRIPTION_CHARS, `must have at most ${MAX_DESCRIPTION_CHARS} characters`),
);
const OPTIONS = {
  bots: v.optional(v.picklist(["include", "exclude"], 'must be "include" or "exclude"')),
  ordered: v.optional(v.boolean("must be true or false")),
  batch: v.optional(v.pipe(v.number(BATCH), v.integer(BATCH), v.minValue(1, BATCH), v.maxValue(MAX_BATCH, BATCH))),
};

export const NewEndpoint = fields({
  url: Url,
  events: v.optional(Types),
  email: v.optional(NamedIdField),
  campaign: v.optional(NamedIdField),
  ...OPTIONS,
  description: v.optional(Description),
});

/** Null takes a filter or the description away. */
export const ChangedEndpoint = fields({
  url: v.optional(Url),
  events: v.optional(v.nullable(Types)),
  email: v.optional(v.nullable(NamedIdField)),
  campaign: v.optional(v.nullable(NamedIdField)),
  ...OPTIONS,
  description: v.optional(v.nullable(Description)),
  enabled: v.optional(v.boolean("must be true or false")),
});

const ENDPOINT = {
  id: v.string(),
  url: v.string(),
  description: v.optional(v.string()),
  events: v.optional(v.pipe(v.array(v.string()), v.description("Missing: all types."))),
  email: v.optional(IdAnswer),
  campaign: v.optional(IdAnswer),
  bots: v.picklist(["include", "exclude"]),
  ordered: v.boolean(),
  batch: v.number(),
  createdAt: TimeAnswer,
  enabled: v.boolean(),
  disabledAt: v.optional(TimeAnswer),
  disabledReason: v.optional(
    v.pipe(
      v.picklist(["by_sender", "gone", "failing"]),
      v.description("gone: it answered 410. failing: it took nothing for five days."),
    ),
  ),
};

export const EndpointAnswer = v.pipe(v.object(ENDPOINT), v.title("WebhookEndpoint"));

export const NewEndpointAnswer = v.object({
  ...ENDPOINT,
  secret: v.pipe(v.string(), v.description("Signs what is posted. Shown this once.")),
});

/** Counted in seqs, which the events' `seq` are. */
export const Progress = v.object({
  seq: v.pipe(
    v.number(),
    v.description("It was posted what its filter passes up to this seq, but for its retry queue."),
  ),
  behind: v.pipe(v.number(), v.description("How many seqs the log is ahead.")),
  failingSince: v.optional(v.pipe(TimeAnswer, v.description("Since then nothing was accepted."))),
  nextTryAt: v.optional(TimeAnswer),
  oldestUnpostedAt: v.optional(
    v.pipe(TimeAnswer, v.description("When the oldest event was recorded that was not posted. Missing: all were.")),
  ),
  retrying: v.pipe(v.number(), v.description("Events in its retry queue: they were not accepted, and others go on.")),
  givenUp: v.pipe(
    v.number(),
    v.description(
      "Events that were given up in the last 30 days: the deliveries name them, a replay posts them again.",
    ),
  ),
  possibleGaps: v.pipe(
    v.array(v.object({ from: v.number(), to: v.number() })),
    v.description(
      "Seqs, both included, of which RETENTION_DAYS may have deleted events before they were posted or replayed, " +
        "whether or not the filter passed them; in the last 30 days, the latest first. What of them is in the log " +
        "is posted.",
    ),
  ),
  replays: v.array(v.object({ after: v.number(), to: v.number() })),
});

const Status = v.pipe(
  v.picklist(ENDPOINT_STATUSES),
  v.description(
    "failing: it has accepted nothing for five minutes. lagging: an event was recorded five minutes ago and was not " +
      "posted, or not accepted. unknown: it was not possible to ask.",
  ),
);

export const EndpointWithProgress = v.object({ ...ENDPOINT, status: Status, progress: Progress });

export const ListedEndpoint = v.pipe(
  v.object({
    ...ENDPOINT,
    status: Status,
    progress: v.optional(v.pipe(Progress, v.description("Missing while it was not possible to ask."))),
  }),
  v.title("ListedWebhookEndpoint"),
);

/** The row's columns that a request sets. */
export function columnsOf(given: v.InferOutput<typeof ChangedEndpoint>): EndpointChanges {
  const { url, events, email, campaign, bots, ordered, batch, description } = given;
  return {
    ...(url === undefined ? {} : { url }),
    ...(events === undefined ? {} : { events: events === null ? null : [...new Set(events)] }),
    ...(email === undefined ? {} : { email: email?.id ?? null }),
    ...(campaign === undefined ? {} : { campaign: campaign?.id ?? null }),
    ...(bots === undefined ? {} : { bots }),
    ...(ordered === undefined ? {} : { ordered }),
    ...(batch === undefined ? {} : { batch }),
    ...(description === undefined ? {} : { description }),
  };
}

export function endpointAnswer(row: EndpointRow): v.InferOutput<typeof EndpointAnswer> {
  const { id, url, description, events, email, campaign, bots, ordered, batch, disabledAt, disabledReason } = row;
  return {
    id,
    url,
    ...(description === null ? {} : { description }),
    ...(events === null ? {} : { events: [...events] }),
    ...(email === null ? {} : { email: idAnswer(email) }),
    ...(campaign === null ? {} : { campaign: idAnswer(campaign) }),
    bots,
    ordered,
    batch,
    createdAt: isoTime(row.createdAt),
    enabled: disabledAt === null,
    ...(disabledAt === null ? {} : { disabledAt: isoTime(disabledAt) }),
    ...(disabledAt === null || disabledReason === null ? {} : { disabledReason }),
  };
}

/** @param end the last seq of the log */
export function listedAnswer(given: EndpointStatus, end: number): v.InferOutput<typeof ListedEndpoint> {
  const { row, status, progress } = given;
  const progressOfIt = progress && progressAnswer({ ...given, progress }, end);
  return { ...endpointAnswer(row), status, ...(progressOfIt === undefined ? {} : { progress: progressOfIt }) };
}

/** @param end the last seq of the log */
export function progressAnswer(
  { row, progress, oldestUnpostedAtMs }: EndpointStatus & { readonly progress: EndpointProgress },
  end: number,
): v.InferOutput<typeof Progress> {
  const { seq, failingSinceMs, retrying, givenUp, possibleGaps, replays } = progress;
  // A disabled one tries nothing until it is enabled.
  const nextTryAtMs = row.disabledAt === null ? progress.nextTryAtMs : undefined;
  return {
    seq,
    behind: Math.max(0, end - seq),
    ...(failingSinceMs === undefined ? {} : { failingSince: isoTime(failingSinceMs) }),
    ...(nextTryAtMs === undefined ? {} : { nextTryAt: isoTime(nextTryAtMs) }),
    ...(oldestUnpostedAtMs === undefined ? {} : { oldestUnpostedAt: isoTime(oldestUnpostedAtMs) }),
    retrying,
    givenUp,
    possibleGaps: [...possibleGaps],
    replays: replays.map(({ after, to }) => ({ after, to: to ?? end })),
  };
}
