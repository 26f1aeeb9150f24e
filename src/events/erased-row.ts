/** Rows without what leads to an erased person: theirs, and those of others that name an erased address. */
import { EVENT_TYPES } from "./event.ts";
import { namesAddress } from "./named-address.ts";
import type { NamedRow } from "./row.ts";

/** What stays of an event's detail when its person is erased. All else may name them, in whatever words. */
const KEPT_FIELDS = [
  ...["category", "status", "cause", "by", "implied", "reason", "retracted"],
  ...["attempt", "firstAttemptAt"],
] as const;

/** Words, which may name an address in other ways than `namesAddress` knows. */
const WORDS: ReadonlySet<string> = new Set(["details", "query", "referrer", "who", "why"]);

/** The field of an event's detail that says so: a report that is delivered again must not bring the address back. */
export const ADDRESS_ERASED = "addressErased";
/** Types of which reports of the same send, or of the same event, add addresses and words. */
const OF_SENDS: ReadonlySet<number> = new Set(
  [EVENT_TYPES.sent, EVENT_TYPES.hardBounced, EVENT_TYPES.softBounced].map(({ id }) => id),
);

/** Only columns that statistics need and that identify nobody stay. */
export function erasedRow(row: NamedRow, pseudonym: string): NamedRow {
  const { id, type, link, detail } = row;
  return {
    ...row,
    // A click's id names nobody, and by it the click's group is known when the queue delivers it again.
    id: type === EVENT_TYPES.clicked.id ? id : newId(),
    person: pseudonym,
    send: null,
    link: typeof link === "string" ? withoutQuery(link) : null,
    user_agent: null,
    detail: typeof detail === "string" ? keptDetail(detail) : null,
  };
}

/** The row of somebody who stays without the address and all words beside it; the same one when it does not name it. */
export function rowWithoutAddress(row: NamedRow, address: string): NamedRow {
  const { id, link, user_agent, detail } = row;
  const isNaming = (value: unknown) => typeof value === "string" && namesAddress(value, address);
  const texts = [link, user_agent, ...(typeof detail === "string" ? textsIn(detail) : [])];
  if (!texts.some(isNaming)) return row;
  return {
    ...row,
    // The id of a removal from the suppressions holds a hash of the address.
    id: String(id).startsWith("removed/") ? newId() : id,
    link: typeof link === "string" && isNaming(link) ? withoutQuery(link) : link,
    user_agent: isNaming(user_agent) ? null : user_agent,
    detail: typeof detail === "string" ? wordlessDetail(detail, isNaming, OF_SENDS.has(Number(row.type))) : detail,
  };
}

/** The URL up to its query or its fragment. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}

function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** What is left of a detail; null when that is nothing. */
function keptDetail(json: string): string | null {
  const detail = readDetail(json);
  const kept = JSON.stringify(Object.fromEntries(KEPT_FIELDS.map((field) => [field, detail?.[field]])));
  return kept === "{}" ? null : kept;
}

function wordlessDetail(json: string, isNaming: (value: unknown) => boolean, isOfSend: boolean): string | null {
  const detail = readDetail(json);
  if (detail === undefined) return null;
  const marked = isOfSend ? { ...detail, [ADDRESS_ERASED]: true } : detail;
  return JSON.stringify(marked, (field, value: unknown) => {
    if (field === "formFields") return {};
    return WORDS.has(field) || isNaming(value) ? undefined : value;
  });
}

/** All texts of a detail, the names of form fields among them. */
function textsIn(json: string): string[] {
  const texts: string[] = [];
  const detail = readDetail(json);
  if (detail === undefined) return [json];
  JSON.stringify(detail, (field, value: unknown) => {
    texts.push(field);
    if (typeof value === "string") texts.push(value);
    return value;
  });
  return texts;
}

/** Undefined for what is no JSON object: a dead letter may hold anything. */
function readDetail(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const detail: unknown = JSON.parse(json);
    return typeof detail === "object" && detail !== null ? { ...detail } : undefined;
  } catch {
    return undefined;
  }
}
