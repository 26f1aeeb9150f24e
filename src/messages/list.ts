/** GET /v1/messages: messages, newest first. */
import * as v from "valibot";
import {
  type ArchivedEvent,
  type IsWhole,
  readBefore,
  readWholeOrRecalled,
  SELECT_IS_WHOLE,
  withArchived,
} from "../archive/index.ts";
import { normalAddress } from "../events/address.ts";
import { events } from "../events/schema.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, orApiError, orStorageUnavailable } from "../http/errors.ts";
import { referredMessage } from "../http/message-reference.ts";
import { namedByIds, TokenParameter } from "../http/message-token.ts";
import { type ApiContext, operation } from "../http/operation.ts";
import {
  Address,
  CursorParameter,
  fields,
  IdParameter,
  limitParameter,
  PersonParameter,
  pageSchema,
  TimeParameter,
} from "../http/schemas.ts";
import { ok } from "../platform/result.ts";
import { sql } from "../platform/sql.ts";
import { MESSAGE_STATUSES, readStatistics, tooLarge } from "../reports/index.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { MessageEntry, messageEntry } from "./message-entry.ts";
import {
  countOfMessagesTo,
  type ListedMessage,
  LOG_BOUNDS,
  type LogBounds,
  MAX_LISTED,
  type MessageFilter,
  type MessageRow,
  messagesBefore,
  messagesTo,
  messagesWhere,
  PEOPLE_PER_PAGE,
  peopleWithAddress,
  SEQS_PER_PAGE,
  type TimePosition,
  withoutEarlier,
} from "./messages.ts";

const NOT_READ = "The messages could not be read";
const MAX_MESSAGES = 1_000;
/** Each is copied into a statement. */
const ARCHIVED_SEQS_PER_PAGE = 2_000;

const Query = fields({
  token: TokenParameter,
  address: v.optional(Address),
  person: v.optional(PersonParameter),
  message: v.optional(v.pipe(v.string(), v.maxLength(512))),
  email: v.optional(IdParameter),
  campaign: v.optional(IdParameter),
  status: v.optional(v.picklist(MESSAGE_STATUSES, `must be one of ${MESSAGE_STATUSES.join(", ")}`)),
  since: v.optional(TimeParameter),
  until: v.optional(TimeParameter),
  limit: limitParameter(MAX_MESSAGES),
  cursor: CursorParameter,
});

/** A page to read: of which list, from where, how long. */
interface Page {
  readonly keys: TokenKeys;
  readonly list: string;
  readonly position: string | undefined;
  readonly filter: MessageFilter;
  readonly limit: number;
}

export const listMessages = operation({
  summary: "List messages",
  description: [
    "Newest first; of an `address` that many people share, those of a hundred people first, in the order of their ids.",
    "`message`, that of an entry, lists all messages to the same person.",
    "`since` and `until` are of `sentAt`: from the one on, and before the other.",
    "A complaint is no status: `complained` says it of an entry, and `GET /v1/events?type=complained` lists them.",
    "Without `address`, `person` or `message` a page may be shorter than `limit`, even empty, and have a `next`.",
  ].join(" "),
  query: Query,
  answers: { 200: { description: "The messages", schema: pageSchema(MessageEntry) } },
  example: { query: { address: "marie@example.com" } },
  handle: async (context, { query: { message, since, until, ...query } }) => {
    const { tokenKeys: keys } = configured(context.env);
    const { address, limit, cursor, ...named } = namedByIds(keys, query);
    if (address !== undefined && named.person !== undefined)
      throw wrongField("address", "name a person or an address, not both.");
    if (message !== undefined && (address ?? named.person) !== undefined)
      throw wrongField("message", "it names the person already; leave one of them out.");
    const { person = personOf(keys, message), ...ofMessage } = named;
    const filter = { ...ofMessage, sinceMs: since, untilMs: until };
    const normal = address === undefined ? "" : normalAddress(address);
    // Only what fits into no other list's name: ids have no slash, addresses no space.
    const { email, campaign, status } = filter;
    const list = `messages ${JSON.stringify([normal, person, email, campaign, status, since, until])}`;
    const page = { keys, list, position: readCursor(keys, list, cursor), filter, limit };
    return address === undefined && person === undefined
      ? await pageOfLog(context, page)
      : await pageOfPeople(context, page, person === undefined ? { address: normal } : { person });
  },
});

/** To whom the message of a reference went. */
function personOf(keys: TokenKeys, reference: string | undefined): string | undefined {
  if (reference === undefined) return undefined;
  const message = referredMessage(keys, reference);
  if (message === undefined) throw wrongField("message", 'must be the "message" of an entry.');
  return message.person;
}

function wrongField(field: string, rule: string): ApiError {
  return new ApiError({ status: 400, code: "invalid_field", message: `${field}: ${rule}`, field });
}

interface PersonRow {
  readonly person: string;
}

/** The messages of the people of a page of people, and then of the next people. */
async function pageOfPeople(
  context: ApiContext,
  page: Page,
  who: { readonly address: string } | { readonly person: string },
): Promise<Response> {
  const { env } = context;
  const [first = "", ...rest] = page.position?.split(" ") ?? [];
  const after = timePositionOf(rest);
  const persons = "person" in who ? sql`SELECT ${who.person} AS person` : peopleWithAddress(who.address, first);
  const nowMs = Date.now();
  const queries = [
    persons,
    countOfMessagesTo(persons, page.filter),
    messagesTo(persons, page.filter, after, page.limit + 1, nowMs),
    SELECT_IS_WHOLE,
  ] as const;
  type Rows = [PersonRow, { readonly messages: number }, MessageRow, IsWhole];
  const read = async () => {
    const found = await readStatistics<Rows>(env, queries);
    if (!found.ok) return found;
    const [people, [count], rows, [d1]] = found.value;
    return ok({ people, count, rows, isWhole: d1?.isWhole === 1 });
  };
  const { people, count, rows } = orApiError(
    await orStorageUnavailable(NOT_READ, () => readWholeOrRecalled(env, persons, read)),
  );
  if ((count?.messages ?? 0) > MAX_LISTED)
    throw new ApiError(tooLarge(`The list would read more than ${MAX_LISTED} messages: name an email or a campaign.`));
  const last = rows[page.limit - 1];
  const nextPerson = people[PEOPLE_PER_PAGE]?.person;
  const next = rows.length > page.limit && last !== undefined ? `${first} ${textOf(last)}` : nextPerson;
  return answerPage(context, page, rows, next, nowMs);
}

/** Backwards through the log, and then through its archive. */
async function pageOfLog(context: ApiContext, page: Page): Promise<Response> {
  const before = page.position === undefined ? undefined : Number(page.position);
  const nowMs = Date.now();
  const queries = [LOG_BOUNDS, messagesBefore(before, page.filter, page.limit + 1, nowMs)] as const;
  const read = () => readStatistics<[LogBounds, ListedMessage]>(context.env, queries);
  const [[log], rows] = orApiError(await orStorageUnavailable(NOT_READ, read));
  const { first, end, floor } = log ?? { first: 0, end: 0, floor: 0 };
  if (before !== undefined && before <= floor + 1) return await pageOfArchive(context, page, before, nowMs);
  const from = (before ?? end) - SEQS_PER_PAGE;
  const begin = Math.max(first, floor + 1);
  if (from > begin) return await answerListed(context, page, { rows, following: from, nowMs });
  // Where nothing is left in D1, the first page is the archive's.
  if (rows.length === 0 && floor > 0) return await pageOfArchive(context, page, floor + 1, nowMs);
  return await answerListed(context, page, { rows, following: floor === 0 ? undefined : floor + 1, nowMs });
}

async function pageOfArchive(context: ApiContext, page: Page, before: number, nowMs: number): Promise<Response> {
  const { filter, limit } = page;
  const wish = { size: ARCHIVED_SEQS_PER_PAGE, mayPass: (event: ArchivedEvent) => mayPass(event, filter) };
  const found = await orStorageUnavailable("The archive could not be read", () =>
    readBefore(context.env, before, wish, async (archived, after) => {
      const isInPage = sql`${events.seq} > ${after} AND ${events.seq} <= ${archived.to}`;
      const query = withArchived(archived, messagesWhere(isInPage, filter, limit + 1, nowMs));
      const { results } = await query.prepare(context.env.DB).all<ListedMessage>();
      return { rows: results, following: after + 1 };
    }),
  );
  return await answerListed(context, page, { rows: [], following: undefined, ...found, nowMs });
}

/** Whether an archived event may be of a message of the filter. */
function mayPass(event: ArchivedEvent, { email, campaign }: MessageFilter): boolean {
  return (email === undefined || event.email === email) && (campaign === undefined || event.campaign === campaign);
}

interface ListedPage {
  readonly rows: readonly ListedMessage[];
  /** Where the next page ends, unless this one is full; undefined: there is none. */
  readonly following: number | undefined;
  readonly nowMs: number;
}

async function answerListed(context: ApiContext, page: Page, { rows, following, nowMs }: ListedPage) {
  const next = rows.length > page.limit ? rows[page.limit - 1]?.seq : following;
  const shown = await orStorageUnavailable("The archive could not be read", () =>
    withoutEarlier(context.env, rows.slice(0, page.limit)),
  );
  return answerPage(context, page, shown, next === undefined ? undefined : String(next), nowMs);
}

function answerPage(
  context: ApiContext,
  { keys, list, limit }: Page,
  rows: readonly MessageRow[],
  next: string | undefined,
  nowMs: number,
): Response {
  const data = rows.slice(0, limit).map((row) => messageEntry(row, keys, nowMs));
  return context.json({ data, ...(next === undefined ? {} : { next: encryptCursor(keys, list, next) }) });
}

function textOf({ since, email, campaign, person }: TimePosition): string {
  return [since, email, campaign, person].join(" ");
}

function timePositionOf([since, email, campaign, person]: readonly string[]): TimePosition | undefined {
  if (since === undefined || email === undefined || campaign === undefined || person === undefined) return undefined;
  return { since: Number(since), email, campaign, person };
}
