/** GET /v1/events: the feed of what the log records, in that order, page by page. */
import * as v from "valibot";
import { normalAddress } from "../events/address.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { namedByIds, TokenParameter } from "../http/message-token.ts";
import { operation } from "../http/operation.ts";
import {
  Address,
  CursorParameter,
  feedSchema,
  fields,
  IdParameter,
  limitParameter,
  PersonParameter,
  TimeParameter,
} from "../http/schemas.ts";
import { seqBefore } from "../reports/index.ts";
import { EventAnswer } from "./event-answer.ts";
import { FEED_FILTERS, type FeedFilter } from "./feed-filter.ts";
import { endOfLog, readFeedPage } from "./feed-page.ts";
import { shownEvent } from "./shown-event.ts";

const MAX_EVENTS = 1_000;
/** The list that cursors of the feed are for. */
export const FEED_LIST = "events";
/** The `cursor` for who wants only what is recorded from now on. */
const END = "end";

const TYPE_NAMES = Object.keys(FEED_FILTERS);
const ONE_TYPE = `(?:${TYPE_NAMES.join("|")})`;
const TYPES = `must be one or several of ${TYPE_NAMES.join(", ")}, with commas between them`;

const Query = fields({
  cursor: CursorParameter,
  limit: limitParameter(MAX_EVENTS),
  token: TokenParameter,
  type: v.optional(v.pipe(v.string(), v.regex(new RegExp(`^${ONE_TYPE}(?:,${ONE_TYPE})*$`, "u"), TYPES))),
  email: v.optional(IdParameter),
  campaign: v.optional(IdParameter),
  person: v.optional(PersonParameter),
  address: v.optional(Address),
  since: v.optional(TimeParameter),
  until: v.optional(TimeParameter),
  bots: v.optional(v.picklist(["include", "exclude"], 'must be "include" or "exclude"'), "include"),
});
type Query = Omit<v.InferOutput<typeof Query>, "token">;

export const readFeed = operation({
  summary: "Read the feed of events",
  description: [
    "Events in the order of recording. `next` is always there: ask again with it, at once while `more` is true, and",
    "later for what is recorded meanwhile. A page may be empty although there is more. An event that changes later, as",
    "one that turns out to be a bot's, comes again under its `id`, with a higher `seq`; one that counts no more comes",
    "as `retracted`.",
    '`cursor=end` begins behind all that is there. `type` takes several, like "opened,clicked"; "complained" passes',
    'those of type "unsubscribed" whose cause is "complaint".',
  ].join(" "),
  query: Query,
  answers: {
    200: { description: "A page", schema: v.object({ ...feedSchema(EventAnswer).entries, more: v.boolean() }) },
  },
  example: { query: { type: "unsubscribed", limit: "10" } },
  handle: async (context, { query: asked }) => {
    const { tokenKeys } = configured(context.env);
    const query = namedByIds(tokenKeys, asked);
    const { DB } = context.env;
    const position = query.cursor === END ? undefined : readCursor(tokenKeys, FEED_LIST, query.cursor);
    const { after, ...page } = await orStorageUnavailable("The log is out of reach", async () => {
      const after = position === undefined ? await beginning(DB, query) : Number(position);
      return { after, ...(await readFeedPage(context.env, { after, limit: query.limit }, filterOf(query))) };
    });
    if (after > page.end) throw new ApiError(BEYOND_END);
    const next = encryptCursor(tokenKeys, FEED_LIST, String(page.next));
    return context.json({
      data: page.rows.map((row) => shownEvent(row, tokenKeys, context.get("seesAddresses"))),
      next,
      more: page.next < page.end,
    });
  },
});

const BEYOND_END = {
  status: 400,
  code: "invalid_field",
  message:
    "cursor is from beyond the end of the log, because D1 was restored to an earlier time: begin again with since.",
  field: "cursor",
} as const;

async function beginning(d1: D1Database, { cursor, since }: Query): Promise<number> {
  if (cursor === END) return await endOfLog(d1);
  return since === undefined ? 0 : await seqBefore(d1, since);
}

function filterOf({ type, email, campaign, person, address, since, until, bots }: Query): FeedFilter {
  const types = type?.split(",").map(typeId);
  const normal = address === undefined ? undefined : normalAddress(address);
  return { types, email, campaign, person, address: normal, sinceMs: since, untilMs: until, bots };
}

function typeId(name: string): number {
  return FEED_FILTERS[name as keyof typeof FEED_FILTERS];
}
