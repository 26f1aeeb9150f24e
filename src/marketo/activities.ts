/** The log, a page at a time: `/rest/v1/activities…`. Field names, limits and codes are Marketo's (AdobeDocs, rest-api/activities). */
import type { Context } from "hono";
import { clientDenial, scopesDenial } from "../access/authorize.ts";
import { configured } from "../http/configured.ts";
import { parseId } from "../tokens/id.ts";
import { type ActivityRow, activityDate, attributesOf, numberOrText } from "./activity.ts";
import { activitiesFor, seqBefore } from "./activity-page.ts";
import { ACTIVITY_TYPE_IDS, ACTIVITY_TYPES } from "./activity-types.ts";
import { type MarketoEnv, refuse } from "./calls.ts";
import { answer, MarketoError } from "./envelope.ts";
import { signPagingToken, verifyPagingToken } from "./paging-token.ts";
import { batchSizeOf, dateOf, listOf, readParameters, required, shown } from "./parameters.ts";

const MOST_TYPES = 10;
const MOST_LEADS = 30;

export async function types(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  return answer(ACTIVITY_TYPES);
}

export async function pagingToken(context: Context<MarketoEnv>): Promise<Response> {
  const sinceMs = dateOf("sinceDatetime", required(await readParameters(context), "sinceDatetime"));
  const seq = await seqBefore(context.env.DB, sinceMs);
  return answer(undefined, { nextPageToken: tokenFor(context, { seq, sinceMs }) });
}

export async function activities(context: Context<MarketoEnv>): Promise<Response> {
  const client = context.get("client");
  const { DB } = context.env;
  const question = await questionOf(context).catch(async (error: unknown) => {
    refuse(await clientDenial(client, "read", DB));
    throw error;
  });
  const { limit, seq, filter } = question;
  const { scopes, page } = await activitiesFor(DB, client, seq, limit, filter);
  refuse(scopesDenial(scopes, "read"));
  return answer(page.rows.map(activityOf), {
    nextPageToken: tokenFor(context, { seq: page.next, sinceMs: filter.sinceMs }),
    moreResult: page.more,
  });
}

/** Throws MarketoError for what cannot be asked. */
async function questionOf(context: Context<MarketoEnv>) {
  const parameters = await readParameters(context);
  const token = required(parameters, "nextPageToken");
  const types = typesOf(parameters);
  if (parameters.has("listId")) throw new MarketoError("1035", "listId: there are no lists here");
  const people = idsOf(parameters, "leadIds", MOST_LEADS);
  const emails = idsOf(parameters, "assetIds");
  if (emails !== undefined && types.length > 1)
    throw new MarketoError("1003", "assetIds goes with one activity type; activityTypeIds has several");
  const limit = batchSizeOf(parameters);
  const reading = verifyPagingToken(configured(context.env).tokenKeys, context.get("client"), token);
  if (reading === undefined)
    throw new MarketoError("1001", "Invalid value: nextPageToken is none that this client was given");
  const { seq, sinceMs } = reading;
  return { limit, seq, filter: { types, people, emails, sinceMs } };
}

function activityOf(row: ActivityRow) {
  return {
    id: row.seq,
    marketoGUID: row.id,
    leadId: numberOrText(row.person),
    activityDate: activityDate(row.at),
    activityTypeId: row.type,
    campaignId: numberOrText(row.campaign),
    primaryAttributeValueId: numberOrText(row.email),
    primaryAttributeValue: row.emailName ?? row.email,
    attributes: Object.entries(attributesOf(row)).map(([name, value]) => ({ name, value })),
  };
}

function tokenFor(context: Context<MarketoEnv>, reading: { seq: number; sinceMs: number }): string {
  return signPagingToken(configured(context.env).tokenKeys, context.get("client"), reading);
}

function typesOf(parameters: URLSearchParams): readonly number[] {
  required(parameters, "activityTypeIds");
  const types = [...new Set(listOf(parameters, "activityTypeIds"))].map((text) => {
    const type = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (ACTIVITY_TYPE_IDS.has(type)) return type;
    throw new MarketoError(
      "1001",
      `Invalid value '${shown(text)}': activityTypeIds has no such activity type`,
    );
  });
  if (types.length > MOST_TYPES)
    throw new MarketoError("1003", `activityTypeIds may name ${MOST_TYPES} types, not ${types.length}`);
  return types;
}

function idsOf(parameters: URLSearchParams, name: string, most = Number.POSITIVE_INFINITY) {
  if (!parameters.has(name)) return undefined;
  required(parameters, name);
  const ids = [...new Set(listOf(parameters, name))].map((text) => {
    const id = parseId(text);
    if (id !== undefined) return id;
    throw new MarketoError("1001", `Invalid value '${shown(text)}': ${name} takes ids`);
  });
  if (ids.length > most) throw new MarketoError("1003", `${name} may name ${most} ids, not ${ids.length}`);
  return ids;
}
