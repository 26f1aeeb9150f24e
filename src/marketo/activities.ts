/**
 * `/rest/v1/activities…`: the log, page by page. Names, limits and codes are Marketo's (AdobeDocs,
 * rest-api/activities).
 */
import type { Context } from "hono";
import { checkClient, checkScopes } from "../access/authorize.ts";
import { lastSeqBefore } from "../archive/index.ts";
import { NO_ID } from "../events/event.ts";
import { configured } from "../http/configured.ts";
import { parseId } from "../tokens/id.ts";
import { type ActivityRow, activityAtMs, activityDate, attributesOf, leadIdOf, numberOrText } from "./activity.ts";
import { readActivityPage } from "./activity-page.ts";
import { ACTIVITY_TYPE_IDS, ACTIVITY_TYPES, activityTypeOf } from "./activity-types.ts";
import { accessOrThrow, type MarketoEnv } from "./calls.ts";
import { answer, MarketoError } from "./envelope.ts";
import { decryptPagingToken, encryptPagingToken } from "./paging-token.ts";
import {
  batchSizeOf,
  dateOfParameter,
  type ListRule,
  listParameter,
  missingValue,
  readParameters,
  required,
} from "./parameters.ts";

/** Marketo has some seventy types; those that this log does not hold yield no rows. */
const TYPES: ListRule<number> = { read: activityTypeOf, rule: "takes numbers of activity types", maxValues: 10 };
const IDS: ListRule<string> = { read: parseId, rule: "takes ids" };
const PEOPLE: ListRule<string> = { read: (text) => parseId(text.replace(/^~/, "")) && text, rule: "takes ids" };
/** Marketo's limit. */
const MAX_LEADS = 30;
/** D1 reads the list with every page; a form could name 200,000. */
const MAX_EMAILS = 300;

export async function listActivityTypes(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  return answer(ACTIVITY_TYPES);
}

export async function newPagingToken(context: Context<MarketoEnv>): Promise<Response> {
  const sinceMs = dateOfParameter("sinceDatetime", required(await readParameters(context), "sinceDatetime"));
  const seq = await lastSeqBefore(context.env, sinceMs);
  return answer(undefined, { nextPageToken: encryptPagingToken(context, "page", [seq, sinceMs]) });
}

export async function listActivities(context: Context<MarketoEnv>): Promise<Response> {
  const client = context.get("client");
  const { DB } = context.env;
  const { wanted, filter } = await pageRequestOf(context).catch(async (error: unknown) => {
    // A client that may not read learns that first, whatever else is wrong with its call.
    accessOrThrow(await checkClient(DB, client, "read"));
    throw error;
  });
  const { page, scopes } = await readActivityPage(context.env, wanted, filter, client);
  accessOrThrow(checkScopes(scopes, "read"));
  return answer(page.rows.map(activityJson), {
    nextPageToken: encryptPagingToken(context, "page", [page.next, filter.sinceMs]),
    moreResult: page.more,
  });
}

/** @throws {MarketoError} for parameters that are missing, wrong, or not supported */
async function pageRequestOf(context: Context<MarketoEnv>) {
  const parameters = await readParameters(context);
  const token = required(parameters, "nextPageToken");
  const asked = listParameter(parameters, "activityTypeIds", TYPES);
  if (asked === undefined) throw missingValue("activityTypeIds");
  if (parameters.has("listId")) throw new MarketoError("1035", "listId: there are no lists here");
  const people = listParameter(parameters, "leadIds", { ...PEOPLE, maxValues: MAX_LEADS });
  const emails = listParameter(parameters, "assetIds", { ...IDS, maxValues: MAX_EMAILS });
  if (emails !== undefined && asked.length > 1)
    throw new MarketoError("1003", "assetIds goes with one activity type; activityTypeIds has several");
  const limit = batchSizeOf(parameters);
  const [after = 0, sinceMs = 0] = decryptPagingToken(context, "page", token).map(Number);
  const types = asked.filter((type) => ACTIVITY_TYPE_IDS.has(type));
  const holdMs = configured(context.env).marketo.holdSeconds * 1_000;
  return { wanted: { after, limit, holdMs }, filter: { types, people, emails, sinceMs } };
}

function activityJson(row: ActivityRow) {
  return {
    id: row.seq,
    marketoGUID: row.id,
    leadId: leadIdOf(row.person),
    activityDate: activityDate(activityAtMs(row)),
    activityTypeId: row.type,
    campaignId: numberOrText(row.campaign),
    primaryAttributeValueId: numberOrText(row.email),
    primaryAttributeValue: row.emailName ?? (row.email === NO_ID ? null : row.email),
    attributes: attributesOf(row),
  };
}
