/** The emails of the log as Marketo's assets, those sent or named; and its campaigns, those that were sent. */
import type { Context } from "hono";
import { statisticsPolicy } from "../config/settings.ts";
import { NO_ID } from "../events/event.ts";
import { messageStats, names } from "../events/schema.ts";
import { configured } from "../http/configured.ts";
import { isOneOf, type Sql, sql } from "../platform/sql.ts";
import { aggregateLog } from "../reports/index.ts";
import { parseId } from "../tokens/id.ts";
import { activityDate, numberOrText } from "./activity.ts";
import type { MarketoEnv } from "./calls.ts";
import { answer, assetsAnswer } from "./envelope.ts";
import { signPagingToken, verifyPagingToken } from "./paging-token.ts";
import { batchSizeOf, type ListRule, listParameter, readParameters, required, wholeParameter } from "./parameters.ts";

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
  const query = sql`WITH RECURSIVE ${SENT_EMAILS} SELECT known.id, ${names.name} FROM (
      SELECT id FROM sent WHERE id IS NOT NULL UNION SELECT ${names.id} FROM ${names} WHERE ${names.kind} = 'email'
    ) AS known LEFT JOIN ${names} ON ${names.kind} = 'email' AND ${names.id} = known.id
    ORDER BY length(known.id), known.id LIMIT ${limit} OFFSET ${offset}`;
  return assetsAnswer((await query.prepare(DB).all<Named>()).results.map(namedJson));
}

/** Each email's first message by the index of messages, which is ordered by email. */
const SENT_EMAILS = sql`sent (id) AS (
    SELECT min(${messageStats.email}) FROM ${messageStats} WHERE ${messageStats.email} > ${NO_ID}
    UNION ALL SELECT (SELECT min(${messageStats.email}) FROM ${messageStats} WHERE ${messageStats.email} > sent.id)
    FROM sent WHERE sent.id IS NOT NULL)`;

export async function readEmailAsset(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  const id = idOf(context);
  await countAll(context);
  const query = sql`SELECT asked.id, ${names.name} FROM (SELECT ${id} AS id) AS asked
    LEFT JOIN ${names} ON ${names.kind} = 'email' AND ${names.id} = asked.id
    WHERE ${names.name} IS NOT NULL
    OR EXISTS (SELECT 1 FROM ${messageStats} WHERE ${messageStats.email} = asked.id AND asked.id <> ${NO_ID})`;
  return assetsAnswer((await query.prepare(context.env.DB).all<Named>()).results.map(namedJson));
}

export async function findEmailAsset(context: Context<MarketoEnv>): Promise<Response> {
  const name = required(await readParameters(context), "name");
  const query = sql`SELECT ${names.id}, ${names.name} FROM ${names}
    WHERE ${names.kind} = 'email' AND ${names.name} = ${name} ORDER BY ${names.id} LIMIT ${MAX_ASSETS}`;
  return assetsAnswer((await query.prepare(context.env.DB).all<Named>()).results.map(namedJson));
}

function namedJson({ id, name }: Named) {
  return { id: numberOrText(id), name: name ?? id };
}

interface Campaign extends Named {
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** There are no programs and no workspaces that a campaign could belong to. */
export async function listCampaigns(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const ids = listParameter(parameters, "id", IDS);
  const named = listParameter(parameters, "name", NAMES);
  const limit = batchSizeOf(parameters);
  if (parameters.has("programName") || parameters.has("workspaceName")) return answer([]);
  const after = afterOf(context, parameters);
  const isWanted = sql`${messageStats.campaign} > ${after}
    AND ${ids === undefined ? sql`true` : isOneOf(messageStats.campaign, ids)}
    AND ${named === undefined ? sql`true` : isOneOf(sql`coalesce(${names.name}, ${messageStats.campaign})`, named)}`;
  const found = await campaignsWhere(context, isWanted, limit + 1);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1)?.id : undefined;
  // Clients go on for as long as there is a token.
  const next = last === undefined ? {} : { nextPageToken: signPagingToken(context, "campaigns", [last]) };
  return answer(page.map(campaignJson), next);
}

export async function readCampaign(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  const found = await campaignsWhere(context, sql`${messageStats.campaign} = ${idOf(context)}`, 1);
  return answer(found.map(campaignJson));
}

async function campaignsWhere(
  context: Context<MarketoEnv>,
  isWanted: Sql,
  limit: number,
): Promise<readonly Campaign[]> {
  await countAll(context);
  const { campaign, since } = messageStats;
  const query = sql`SELECT ${campaign} AS id, ${names.name}, min(${since}) AS firstAtMs, max(${since}) AS lastAtMs
    FROM ${messageStats} LEFT JOIN ${names} ON ${names.kind} = 'campaign' AND ${names.id} = ${campaign}
    WHERE ${campaign} <> ${NO_ID} AND ${isWanted} GROUP BY ${campaign} ORDER BY ${campaign} LIMIT ${limit}`;
  return (await query.prepare(context.env.DB).all<Campaign>()).results;
}

/** Programs compare both times with their last run: those of a campaign's first and last messages. */
function campaignJson({ firstAtMs, lastAtMs, ...campaign }: Campaign) {
  const { id, name } = namedJson(campaign);
  return { id, name, type: "batch", createdAt: activityDate(firstAtMs), updatedAt: activityDate(lastAtMs) };
}

/** Adds the end of the log to what is counted, as far as it can be. */
async function countAll({ env }: Context<MarketoEnv>): Promise<void> {
  const policy = statisticsPolicy(configured(env));
  if (policy !== undefined) await aggregateLog(env.DB, policy, Date.now() + AGGREGATE_MS);
}

function idOf({ req }: Context<MarketoEnv>): string {
  return (req.param("file") ?? "").replace(/\.json$/, "");
}

function afterOf(context: Context<MarketoEnv>, parameters: URLSearchParams): string {
  if (!parameters.has("nextPageToken")) return "";
  const [after = ""] = verifyPagingToken(context, "campaigns", required(parameters, "nextPageToken"));
  return after;
}
