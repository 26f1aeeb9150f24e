/** The emails of the log as Marketo's assets, those sent or named; and its campaigns, those that were sent. */
import type { Context } from "hono";
import { statisticsPolicy } from "../config/settings.ts";
import { NO_ID } from "../events/event.ts";
import { mailings } from "../events/mailing-schema.ts";
import { names } from "../events/schema.ts";
import { configured } from "../http/configured.ts";
import { isOneOf, type Sql, sql } from "../platform/sql.ts";
import { aggregateLog, readStaleMailings } from "../reports/index.ts";
import { parseId } from "../tokens/id.ts";
import { activityDate, numberOrText } from "./activity.ts";
import type { MarketoEnv } from "./calls.ts";
import { answer, assetsAnswer } from "./envelope.ts";
import { encryptPagingToken, pagingPosition } from "./paging-token.ts";
import {
  batchSizeOf,
  dateOfParameter,
  idInPath,
  type ListRule,
  listParameter,
  readParameters,
  required,
  wholeParameter,
} from "./parameters.ts";

const IDS: ListRule<string> = { read: parseId, rule: "takes ids", maxValues: 300 };
const NAMES: ListRule<string> = { read: (text) => text, rule: "takes names", maxValues: 300 };
/** Marketo's. */
const MAX_ASSETS = 200;
const DEFAULT_ASSETS = 20;
/** What is not counted within it comes a minute later. */
const AGGREGATE_MS = 10_000;

interface Named {
  readonly id: string;
  readonly name: string | null;
}

export async function listEmailAssets(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const limit = wholeParameter(parameters, "maxReturn", { min: 1, max: MAX_ASSETS, byDefault: DEFAULT_ASSETS });
  const offset = wholeParameter(parameters, "offset", { min: 0, max: Number.MAX_SAFE_INTEGER, byDefault: 0 });
  const { DB } = context.env;
  await countAll(context);
  const known = sql`SELECT ${mailings.email} AS id FROM ${mailings}
    UNION SELECT ${names.id} FROM ${names} WHERE ${names.kind} = 'email'`;
  return assetsAnswer(await emailsAmong(DB, known, { isWanted: wasUpdated(parameters), limit, offset }));
}

/** By an email's latest message, to the second; an email without any has no such time, and is left out. */
function wasUpdated(parameters: URLSearchParams): Sql {
  const timeIn = (name: string) =>
    parameters.has(name) ? dateOfParameter(name, required(parameters, name)) : undefined;
  const earliestMs = timeIn("earliestUpdatedAt");
  const latestMs = timeIn("latestUpdatedAt");
  if (earliestMs === undefined && latestMs === undefined) return sql`true`;
  const endMs = latestMs === undefined ? Number.MAX_SAFE_INTEGER : (Math.floor(latestMs / 1_000) + 1) * 1_000;
  return sql`lastAtMs >= ${earliestMs ?? 0} AND lastAtMs < ${endMs}`;
}

interface EmailsAsked {
  readonly isWanted: Sql;
  readonly limit: number;
  readonly offset: number;
}

/** Throws D1's error. */
async function emailsAmong(d1: D1Database, known: Sql, { isWanted, limit, offset }: EmailsAsked) {
  const { email, firstAt, lastAt } = mailings;
  const query = sql`SELECT known.id, ${names.name}, min(${firstAt}) AS firstAtMs, max(${lastAt}) AS lastAtMs
    FROM (${known}) AS known LEFT JOIN ${mailings} ON ${email} = known.id
    LEFT JOIN ${names} ON ${names.kind} = 'email' AND ${names.id} = known.id
    GROUP BY known.id HAVING ${isWanted} ORDER BY length(known.id), known.id LIMIT ${limit} OFFSET ${offset}`;
  return (await query.prepare(d1).all<Email>()).results.map(emailJson);
}

export async function readEmailAsset(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  const id = idInPath(context);
  await countAll(context);
  const known = sql`SELECT asked.id FROM (SELECT ${id} AS id) AS asked WHERE EXISTS (
      SELECT 1 FROM ${names} WHERE ${names.kind} = 'email' AND ${names.id} = asked.id
    ) OR EXISTS (SELECT 1 FROM ${mailings} WHERE ${mailings.email} = asked.id)`;
  return assetsAnswer(await emailsAmong(context.env.DB, known, { isWanted: sql`true`, limit: 1, offset: 0 }));
}

export async function findEmailAsset(context: Context<MarketoEnv>): Promise<Response> {
  const name = required(await readParameters(context), "name");
  const known = sql`SELECT named.id FROM ${names} AS named WHERE named.kind = 'email' AND named.name = ${name}`;
  const asked = { isWanted: sql`true`, limit: MAX_ASSETS, offset: 0 };
  return assetsAnswer(await emailsAmong(context.env.DB, known, asked));
}

interface Sent {
  /** Null: no message of it was sent to a person. */
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
}

type Email = Named & Sent;

function emailJson(email: Email) {
  return { ...namedJson(email), ...timesJson(email) };
}

function namedJson({ id, name }: Named) {
  return { id: numberOrText(id), name: name ?? id };
}

/** Programs compare both times with their last run: those of the first and the last message. */
function timesJson({ firstAtMs, lastAtMs }: Sent) {
  if (firstAtMs === null || lastAtMs === null) return {};
  return { createdAt: activityDate(firstAtMs), updatedAt: activityDate(lastAtMs) };
}

type Campaign = Named & Sent;

/** There are no programs and no workspaces that a campaign could belong to. */
export async function listCampaigns(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const ids = listParameter(parameters, "id", IDS);
  const named = listParameter(parameters, "name", NAMES);
  const limit = batchSizeOf(parameters);
  if (parameters.has("programName") || parameters.has("workspaceName")) return answer([]);
  const [after = ""] = pagingPosition(context, "campaigns", parameters) ?? [];
  const isWanted = sql`${mailings.campaign} > ${after}
    AND ${ids === undefined ? sql`true` : isOneOf(mailings.campaign, ids)}
    AND ${named === undefined ? sql`true` : isOneOf(sql`coalesce(${names.name}, ${mailings.campaign})`, named)}`;
  const found = await campaignsWhere(context, isWanted, limit + 1);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1)?.id : undefined;
  // Clients go on for as long as there is a token.
  const next = last === undefined ? {} : { nextPageToken: encryptPagingToken(context, "campaigns", [last]) };
  return answer(page.map(campaignJson), next);
}

export async function readCampaign(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  const found = await campaignsWhere(context, sql`${mailings.campaign} = ${idInPath(context)}`, 1);
  return answer(found.map(campaignJson));
}

async function campaignsWhere(
  context: Context<MarketoEnv>,
  isWanted: Sql,
  limit: number,
): Promise<readonly Campaign[]> {
  await countAll(context);
  const { campaign, firstAt, lastAt } = mailings;
  const query = sql`SELECT ${campaign} AS id, ${names.name}, min(${firstAt}) AS firstAtMs, max(${lastAt}) AS lastAtMs
    FROM ${mailings} LEFT JOIN ${names} ON ${names.kind} = 'campaign' AND ${names.id} = ${campaign}
    WHERE ${campaign} <> ${NO_ID} AND ${isWanted} GROUP BY ${campaign} ORDER BY ${campaign} LIMIT ${limit}`;
  return (await query.prepare(context.env.DB).all<Campaign>()).results;
}

function campaignJson(campaign: Campaign) {
  return { ...namedJson(campaign), type: "batch", ...timesJson(campaign) };
}

/** Adds the end of the log to what is counted, as far as it can be. */
async function countAll({ env }: Context<MarketoEnv>): Promise<void> {
  const policy = statisticsPolicy(configured(env));
  const untilMs = Date.now() + AGGREGATE_MS;
  if (policy !== undefined) await aggregateLog(env, policy, untilMs);
  await readStaleMailings(env.DB, untilMs);
}
