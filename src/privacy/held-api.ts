/** GET /v1/people/held: how much is held about a person, or about everybody with an address. */
import * as v from "valibot";
import { type LogStores, readRecalled } from "../archive/index.ts";
import { FEED_TYPES } from "../feed/index.ts";
import { ApiError, orApiError, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { Address, fields, IdParameter, PersonAnswer, personAnswer } from "../http/schemas.ts";
import { refused } from "../platform/result.ts";
import { prepareStatistics, tooLarge } from "../reports/index.ts";
import { countOfMessages, heldCounts, heldPeople, MAX_COUNTED_MESSAGES } from "./held.ts";
import { subjectOf } from "./subject.ts";

const OUT_OF_REACH = "What is held could not be counted";

const Held = v.pipe(
  v.object({
    people: v.pipe(v.array(PersonAnswer), v.description("Whom an erasure erases; of an address, the first hundred.")),
    more: v.pipe(v.boolean(), v.description("There are more people, who are not counted here.")),
    staying: v.pipe(
      v.array(PersonAnswer),
      v.description("Had the address and have another one: an erasure of the address leaves them, without it."),
    ),
    addresses: v.array(v.string()),
    messages: v.number(),
    events: v.pipe(
      v.record(v.string(), v.number()),
      v.description('By their type. "retracted": events that count no more, of which little is left.'),
    ),
    retries: v.pipe(v.number(), v.description("Sends with a schedule of retries.")),
    suppressions: v.number(),
    lifts: v.number(),
  }),
  v.title("Held"),
);

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(FEED_TYPES).map(([name, id]) => [id, name]));

export const countHeld = operation({
  summary: "Count what is held about a person",
  description:
    "What an export of the person lists, and what an erasure of the person, or of everybody with an address, takes.",
  query: fields({ person: v.optional(IdParameter), address: v.optional(Address) }),
  answers: { 200: { description: "The counts", schema: Held } },
  example: { query: { person: "7" } },
  handle: async (context, { query }) => {
    const subject = subjectOf(query);
    const { env } = context;
    const { people, isMore, staying } = await orStorageUnavailable(OUT_OF_REACH, () => heldPeople(env.DB, subject));
    orApiError(await orStorageUnavailable(OUT_OF_REACH, () => prepareStatistics(env)));
    const read = await orStorageUnavailable(OUT_OF_REACH, () => countsOf(env, people));
    if (!read.ok) throw new ApiError(tooLarge(`They have more than ${MAX[read.reason]}, which are not counted.`));
    const counts = read.value;
    return context.json({
      people: people.map((person) => personAnswer(person)),
      more: isMore,
      staying: staying.map((person) => personAnswer(person)),
      ...counts,
      events: Object.fromEntries(Array.from(counts.events, ([type, count]) => [NAMES.get(type) ?? "retracted", count])),
    });
  },
});

/** What they have more of than is counted. */
const MAX = { many_messages: `${MAX_COUNTED_MESSAGES} messages`, many_archived: "1,000 archived events" } as const;

async function countsOf(stores: LogStores, people: readonly string[]) {
  const wanted = people.map((person) => ({ person }));
  return await readRecalled(stores, wanted, async () => {
    const messages = await countOfMessages(stores.DB, people);
    return messages > MAX_COUNTED_MESSAGES ? refused("many_messages") : await heldCounts(stores, people);
  });
}
