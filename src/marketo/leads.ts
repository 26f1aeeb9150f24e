/**
 * Leads: the people of the log, by id or by address. Guarantees that no pseudonym is found, which is no id, and that an
 * address is of its person now: not one that another has replaced.
 */
import type { Context } from "hono";
import { type LogStores, readRecalled } from "../archive/index.ts";
import { normalAddress } from "../events/address.ts";
import { aggregated, events, messageStats, otherAddresses, people } from "../events/schema.ts";
import { isOneOf, rawSql, type Sql, sql } from "../platform/sql.ts";
import { parseId } from "../tokens/id.ts";
import { numberOrText } from "./activity.ts";
import { SEQS_PER_ACTIVITY_PAGE } from "./activity-page.ts";
import type { MarketoEnv } from "./calls.ts";
import { DESCRIBED_LEAD, DESCRIBED_LEAD_2, LEAD_FIELDS, LEAD_SCHEMA } from "./describe.ts";
import { answer } from "./envelope.ts";
import { encryptPagingToken, pagingPosition } from "./paging-token.ts";
import {
  batchSizeOf,
  idInPath,
  type ListRule,
  listParameter,
  missingValue,
  readParameters,
  required,
  requireRead,
} from "./parameters.ts";

interface Lead {
  readonly person: string;
  readonly address: string | null;
}

const ANY_TEXT: ListRule<string> = { read: (text) => text, rule: "takes texts", maxValues: 300 };
/** A row has each of them: more than any program asks for. */
const FIELD_NAMES: ListRule<string> = {
  read: (text) => (/^\w{1,64}$/.test(text) ? text : undefined),
  rule: "takes names of fields",
  maxValues: 100,
};

export async function describeLeads(context: Context<MarketoEnv>): Promise<Response> {
  await requireRead(context);
  return answer(DESCRIBED_LEAD);
}

export async function describeLead2(context: Context<MarketoEnv>): Promise<Response> {
  await requireRead(context);
  return answer(DESCRIBED_LEAD_2);
}

export async function listLeadFields(context: Context<MarketoEnv>): Promise<Response> {
  await requireRead(context);
  return answer(LEAD_SCHEMA);
}

export async function readLeadField(context: Context<MarketoEnv>): Promise<Response> {
  await requireRead(context);
  return answer(LEAD_SCHEMA.filter(({ name }) => `${name}.json` === context.req.param("file")));
}

/** Marketo has more types of filters; nobody has what they ask for. */
export async function findLeads(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const filterType = required(parameters, "filterType");
  const values = listParameter(parameters, "filterValues", ANY_TEXT);
  if (values === undefined) throw missingValue("filterValues");
  const fields = fieldsOf(parameters);
  const limit = batchSizeOf(parameters);
  const people = peopleBy(filterType, values);
  if (people === undefined) return answer([]);
  const [after = ""] = pagingPosition(context, "leads", parameters) ?? [];
  const named = filterType.toLowerCase() === "id" ? values : [];
  const found = await leadsAmong(context.env, named, people, { after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1)?.person : undefined;
  const next = last === undefined ? {} : { nextPageToken: encryptPagingToken(context, "leads", [last]) };
  return answer(
    page.map((lead) => leadJson(lead, fields)),
    next,
  );
}

export async function readLead(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const fields = fieldsOf(parameters);
  const id = idInPath(context);
  const people = peopleBy("id", [id]);
  const found = people === undefined ? [] : await leadsAmong(context.env, [id], people, { after: "", limit: 1 });
  return answer(found.map((lead) => leadJson(lead, fields)));
}

/** Those of the values that are ids, as rows of `person`. */
function idsAmong(values: readonly string[]): Sql {
  const ids = values.filter((value) => parseId(value) !== undefined);
  return sql`SELECT value AS person FROM json_each(${JSON.stringify([...new Set(ids)])})`;
}

/** A SELECT of persons; undefined when nobody can be found so. */
function peopleBy(filterType: string, values: readonly string[]): Sql | undefined {
  const { person, address } = otherAddresses;
  if (filterType.toLowerCase() === "id") {
    return sql`SELECT person FROM (${idsAmong(values)}) AS named
      WHERE person IN (SELECT ${people.person} FROM ${people}) OR person IN (SELECT ${person} FROM ${otherAddresses})
      OR EXISTS (SELECT 1 FROM ${messageStats} WHERE ${messageStats.person} = named.person)
      OR person IN (${NEW_PEOPLE})`;
  }
  if (filterType.toLowerCase() !== "email") return undefined;
  const addresses = values.map(normalAddress);
  return sql`SELECT ${people.person} AS person FROM ${people} WHERE ${isOneOf(people.address, addresses)}
    UNION SELECT ${person} FROM ${otherAddresses} WHERE ${isOneOf(address, addresses)}
    AND ${person} NOT IN (SELECT ${people.person} FROM ${people})`;
}

/** Whose events are in no statistics yet: those of a minute, but of no more than a page reads. */
const NEW_PEOPLE = sql`SELECT ${events.person} FROM ${aggregated} CROSS JOIN ${events}
  ON ${events.seq} > ${aggregated.seq}
  AND ${events.seq} <= ${aggregated.seq} + ${rawSql(String(SEQS_PER_ACTIVITY_PAGE))}`;

/**
 * In the order of their ids.
 * @param named ids, of whom some may be known by archived messages alone
 * @throws the errors of D1 and R2
 */
async function leadsAmong(
  stores: LogStores,
  named: readonly string[],
  among: Sql,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly Lead[]> {
  const { person, address } = otherAddresses;
  const other = sql`(SELECT min(${address}) FROM ${otherAddresses} WHERE ${person} = among.person)`;
  const query = sql`SELECT among.person, coalesce(${people.address}, ${other}) AS address
    FROM (${among}) AS among LEFT JOIN ${people} ON ${people.person} = among.person
    WHERE among.person > ${after} ORDER BY among.person LIMIT ${limit}`;
  const recalled = named.length > 0 ? idsAmong(named) : [];
  return await readRecalled(stores, recalled, async () => (await query.prepare(stores.DB).all<Lead>()).results);
}

function fieldsOf(parameters: URLSearchParams): readonly string[] {
  const named = parameters.get("fields") ? listParameter(parameters, "fields", FIELD_NAMES) : undefined;
  return ["id", ...(named ?? LEAD_FIELDS.map(({ name }) => name)).filter((name) => name !== "id")];
}

/** As Marketo does, a field without a value is null. */
function leadJson({ person, address }: Lead, fields: readonly string[]) {
  const known: Readonly<Record<string, unknown>> = { id: numberOrText(person), email: address };
  return Object.fromEntries(fields.map((name) => [name, Object.hasOwn(known, name) ? known[name] : null]));
}
