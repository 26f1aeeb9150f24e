/**
 * Schemas that requests and answers of several capabilities share. JSON Schema can say all of them: the OpenAPI
 * document is made from them (openapi.ts).
 */
import * as v from "valibot";
import { normalAddress } from "../events/address.ts";
import { CATEGORY } from "../events/bounce.ts";
import { ID_TEXT } from "../tokens/id.ts";
import { holds } from "./holds.ts";
import { dateOf, instantOf, timeOf } from "./time.ts";

const OBJECT = "must be an object";

/** An object with these fields and no others. valibot's `strictObject` alone takes an array for one. */
export function fields<Entries extends v.ObjectEntries>(entries: Entries) {
  const isNoArray = (value: unknown) => !Array.isArray(value);
  return v.pipe(v.unknown(), v.check(isNoArray, OBJECT), v.strictObject(entries, OBJECT));
}

const ID = "must be an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : -";
const IdValue = v.pipe(
  v.union([v.pipe(v.number(ID), v.safeInteger(ID)), v.pipe(v.string(ID), v.regex(ID_TEXT, ID))], ID),
  v.title("Id"),
);

/** The id of an email, person or campaign: an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : - */
export const Id = v.pipe(IdValue, v.transform(String));

/** An id in a query, where an integer is a text, too. */
export const IdParameter = v.pipe(v.string(ID), v.regex(ID_TEXT, ID));

/** A person's id in a query or a path; also one of the pseudonyms that answers show, which begin with "~". */
export const PersonParameter = v.pipe(v.string(ID), v.regex(/^~?[A-Za-z0-9._:-]{1,64}$/, ID));

/** One line of text. No control characters, and no half of a surrogate pair, which D1 would change. */
export const Line = v.pipe(
  v.string(),
  v.regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be one line of text, without control characters"),
);

const MAX_NAME_CHARS = 255;
/** The name of an email, a campaign or a link. */
export const Name = v.pipe(Line, v.minLength(1), v.maxLength(MAX_NAME_CHARS));

/** "something@something" without control characters; the mail server checks the rest. */
const ADDRESS = /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u;
/** RFC 5321 §4.5.3.1. */
const MAX_ADDRESS_CHARS = 254;
const ADDRESS_IS = `must be an address like marie@example.com, of at most ${MAX_ADDRESS_CHARS} characters`;

export const Address = v.pipe(
  v.string(ADDRESS_IS),
  v.maxLength(MAX_ADDRESS_CHARS, ADDRESS_IS),
  v.regex(ADDRESS, ADDRESS_IS),
);

const toNamed = v.transform((id: string | number): { id: string; name?: string | undefined } => ({ id: String(id) }));
const toPerson = v.transform((id: string | number): { id: string; address?: string | undefined } => ({
  id: String(id),
}));

/** `1042`, or `{"id": 1042, "name"?: "November news"}`: an email or a campaign. */
export const NamedIdField = v.pipe(
  v.union([v.pipe(IdValue, toNamed), fields({ id: Id, name: v.optional(Name) })], `${ID}; or {"id", "name"?}`),
  v.title("NamedId"),
);

/** `7`, or `{"id": 7, "address"?: "marie@example.com"}`. */
export const PersonId = v.pipe(
  v.union(
    [v.pipe(IdValue, toPerson), fields({ id: Id, address: v.optional(Address) })],
    `${ID}; or {"id", "address"?}`,
  ),
  v.title("PersonId"),
);

/** A person, an address, or both. */
interface PersonAndAddress {
  readonly person?: v.InferOutput<typeof PersonId> | undefined;
  readonly address?: string | undefined;
}

/** The address that is beside the person, else the person's own. */
export function addressNamed({ person, address }: PersonAndAddress): string | undefined {
  return address ?? addressIn(person);
}

/** Whether it names two addresses, of which one would be lost. */
export function hasTwoAddresses({ person, address }: PersonAndAddress): boolean {
  const ofPerson = addressIn(person);
  return ofPerson !== undefined && address !== undefined && normalAddress(ofPerson) !== normalAddress(address);
}

export const TWO_ADDRESSES = "is another than person.address: name one";

function addressIn(person: PersonAndAddress["person"]): string | undefined {
  return person !== undefined && "address" in person ? person.address : undefined;
}

const WrittenId = v.pipe(v.union([v.number(), v.string()]), v.title("WrittenId"));

/** A name of a thing that is about no person, or a word for what somebody uses. */
export const Label = v.pipe(v.string(), holds("label"));

/** How answers write an id: integers as numbers, all others as texts. */
export const IdAnswer = v.pipe(
  v.object({ id: v.pipe(WrittenId, holds("id")), name: v.optional(Label) }),
  v.title("IdAndName"),
);

/** How answers write the id of a person. */
export const WrittenPersonId = v.pipe(WrittenId, holds("person"));

export const AddressAnswer = v.pipe(v.string(), holds("address"));

/** How answers write a person. */
export const PersonAnswer = v.pipe(
  v.object({ id: WrittenPersonId, address: v.optional(AddressAnswer) }),
  v.title("Person"),
);

/** A cursor or a token. */
export const SignedAnswer = v.pipe(v.string(), holds("signed"));

/** `{id: 1042, name?: "November news"}`; an id that is not the text of an integer stays a text. */
export function idAnswer(id: string, name?: string | null): v.InferOutput<typeof IdAnswer> {
  return { id: writtenId(id), ...(name === undefined || name === null ? {} : { name }) };
}

/** `{id: 7, address?: "marie@example.com"}` */
export function personAnswer(id: string, address?: string | null): v.InferOutput<typeof PersonAnswer> {
  return { id: writtenId(id), ...(address === undefined || address === null ? {} : { address }) };
}

function writtenId(id: string): number | string {
  const number = Number(id);
  return Number.isSafeInteger(number) && String(number) === id ? number : id;
}

/** How answers write why a mail server refused (src/events/bounce.ts). */
export const BounceAnswer = v.pipe(
  v.object({
    category: v.pipe(
      v.picklist(Object.values(CATEGORY)),
      v.description("Hard: 1 blocked, 2 invalid recipient. Soft: 3 temporary, 4 technical, 9 unclear."),
    ),
    subcategory: v.optional(v.pipe(v.string(), v.description("The provider's own finer word."))),
    status: v.optional(v.pipe(v.string(), v.description("Enhanced status code (RFC 3463), like 5.1.1."))),
    details: v.optional(v.pipe(v.string(), v.description("The mail server's reply."))),
  }),
  v.title("Bounce"),
);

/** A query parameter that is an integer from `min` to `max`. */
export const integerParameter = (min: number, max: number, message: string) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,16}$/, message),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(min, message),
    v.maxValue(max, message),
  );

/** The query parameter `limit`: how many entries a page has at most. */
export const limitParameter = (max: number, byDefault = Math.min(100, max)) =>
  v.optional(integerParameter(1, max, `must be an integer from 1 to ${max}`), String(byDefault));

/** The query parameter `cursor` (cursor.ts): the `next` of the page before; without it, the first page. */
export const CursorParameter = v.optional(
  v.pipe(v.string(), v.maxLength(8_192, 'must be a cursor, as "next" gives it')),
);

const TIME_IS = "must be a date or a time, like 2026-11-20T09:30:00Z";

/** A query parameter that is a date or a time; without a zone, in UTC. Its output is ms since 1970 UTC. */
export const TimeParameter = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const ms = timeOf(dataset.value);
    if (ms !== undefined) return ms;
    addIssue({ message: TIME_IS });
    return NEVER;
  }),
);

const MOMENT_IS = 'must be a time with its zone, like "2026-11-20T09:30:00.000Z", a date, or milliseconds since 1970';

/** A time in a body, of a date its beginning in UTC. Its output is ms since 1970 UTC, of any size. */
export const TimeField = v.union(
  [
    v.pipe(v.number(MOMENT_IS), v.integer(MOMENT_IS)),
    v.pipe(
      v.string(MOMENT_IS),
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        const ms = instantOf(dataset.value) ?? dateOf(dataset.value);
        if (ms !== undefined) return ms;
        addIssue({ message: MOMENT_IS });
        return NEVER;
      }),
    ),
  ],
  MOMENT_IS,
);

/** A time in answers: ISO 8601 in UTC, with milliseconds. */
export const TimeAnswer = v.pipe(v.string(), v.isoTimestamp());

/**
 * What the schema of a list's entry takes, as `{input}`, and anything else, as `{raw}`: a wrong entry is answered by
 * itself (`failureIn`) and refuses none of the others.
 */
export const orWrong = <Input, Output>(schema: v.GenericSchema<Input, Output>) =>
  v.union([
    v.pipe(
      schema,
      v.transform((input) => ({ input })),
    ),
    v.pipe(
      v.unknown(),
      v.transform((raw) => ({ raw })),
    ),
  ]);

/** A page of a list: its entries, and the `cursor` of the next page, which is missing at the end of what there is. */
export const pageSchema = <Entry extends v.GenericSchema>(entry: Entry) =>
  v.object({ data: v.array(entry), next: v.optional(SignedAnswer) });

/** A page of a list that grows and is polled: `next` is always there, the `cursor` of the next request. */
export const feedSchema = <Entry extends v.GenericSchema>(entry: Entry) =>
  v.object({ data: v.array(entry), next: SignedAnswer });
