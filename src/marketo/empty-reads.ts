/**
 * What there is not in this log: Marketo's other reads, which answer that there is nothing. Guarantees the form that
 * programs expect of an empty answer, because many ask for all of it before they read activities.
 */
import type { Context } from "hono";
import { DAY_MS } from "../platform/durations.ts";
import type { MarketoEnv } from "./calls.ts";
import { answer, assetsAnswer, MarketoError } from "./envelope.ts";
import { encryptPagingToken, pagingPosition } from "./paging-token.ts";
import { readParameters, requireRead } from "./parameters.ts";

/** Behind `/rest/v1/`. `:file` ends with ".json". */
export const EMPTY_RECORDS: readonly string[] = [
  "lists.json",
  "lists/:file{[^/]+\\.json}",
  "lists/:id/leads.json",
  "lists/:id/leads/ismember.json",
  "list/:id/leads.json",
  "leads/partitions.json",
  "leads/programs/:file{[^/]+\\.json}",
  "leads/:id/listMembership.json",
  "leads/:id/programMembership.json",
  "leads/:id/smartCampaignMembership.json",
  "programs/:id/members.json",
  "program/members/describe.json",
  "programs/members/describe.json",
  ...schemaFields("programs/members"),
  "activities/external/types.json",
  "activities/external/type/:name/describe.json",
  "companies.json",
  "companies/describe.json",
  ...schemaFields("companies"),
  "customobjects.json",
  "customobjects/schema.json",
  "customobjects/schema/fieldDataTypes.json",
  "customobjects/schema/linkableObjects.json",
  "customobjects/schema/:name/dependentAssets.json",
  "customobjects/schema/:name/describe.json",
  "customobjects/:name/describe.json",
  "customobjects/:file{[^/]+\\.json}",
  "namedaccounts.json",
  "namedaccounts/describe.json",
  ...schemaFields("namedaccounts"),
  "namedAccountLists.json",
  "namedAccountList/:id/namedAccounts.json",
  "opportunities.json",
  "opportunities/describe.json",
  ...schemaFields("opportunities"),
  "opportunities/roles.json",
  "opportunities/roles/describe.json",
  "salespersons.json",
  "salespersons/describe.json",
];

/** All fields of a kind of record, and one by name. */
function schemaFields(kind: string): readonly string[] {
  return [`${kind}/schema/fields.json`, `${kind}/schema/fields/:file{[^/]+\\.json}`];
}

const DYNAMIC = ["dynamicContent.json", "dynamicContent/:file{[^/]+\\.json}"] as const;

const ASSETS = {
  email: ["content.json", "fullContent.json", "variables.json", ...DYNAMIC],
  // Only the content of these has no ".json".
  emailTemplate: ["content", "content.json", "usedBy.json"],
  file: [],
  folder: ["content.json", "tokens.json"],
  form: ["fields.json", "thankYouPage.json", "usedBy.json"],
  landingPage: ["content.json", "fullContent.json", "variables.json", ...DYNAMIC],
  landingPageTemplate: ["content.json"],
  program: ["smartList.json"],
  redirectRule: [],
  segmentation: ["segments.json"],
  smartCampaign: ["smartList.json"],
  smartList: [],
  snippet: ["content.json", ...DYNAMIC],
  staticList: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Behind `/rest/asset/v1/`: each kind's list, and one by id or name, with its parts. */
export const EMPTY_ASSETS: readonly string[] = [
  ...Object.entries(ASSETS).flatMap(([kind, parts]) => [
    `${kind}s.json`,
    `${kind}/:file{[^/]+\\.json}`,
    ...parts.map((part) => `${kind}/:id/${part}`),
  ]),
  "emailTemplates/:id/usedBy.json",
  "segmentation.json",
  "channels.json",
  "channel/byName.json",
  "tagTypes.json",
  "tagType/byName.json",
  "landingPageDomains.json",
];

export async function noRecords(context: Context<MarketoEnv>): Promise<Response> {
  await requireRead(context);
  return answer([]);
}

export async function noAssets(context: Context<MarketoEnv>): Promise<Response> {
  await requireRead(context);
  return assetsAnswer([]);
}

/** Deleted leads and changes of leads, which programs page through like activities. */
export async function noChanges(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const position = pagingPosition(context, "page", parameters) ?? [0, 0];
  return answer([], { nextPageToken: encryptPagingToken(context, "page", position), moreResult: false });
}

/** Calls are not counted; Marketo's quota of a day is none here. */
export async function usage(context: Context<MarketoEnv>): Promise<Response> {
  return answer(await days(context, { total: 0, users: [] }));
}

/** Errors are in the Worker's log. */
export async function errors(context: Context<MarketoEnv>): Promise<Response> {
  return answer(await days(context, { total: 0, errors: [] }));
}

/** Today, or the last seven days where the path asks for them, each with `counts`. */
async function days(context: Context<MarketoEnv>, counts: object) {
  await requireRead(context);
  const count = context.req.path.endsWith("/last7days.json") ? 7 : 1;
  return Array.from({ length: count }, (_, ago) => ({
    date: new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, "2026-01-16".length),
    ...counts,
  }));
}

/**
 * Programs ask whether leads can be extracted by this code, and take another for a yes (Singer's tap-marketo).
 * @throws {MarketoError} 1035
 */
export function refuseOtherExtract(): never {
  throw new MarketoError("1035", "Unsupported filter type for target subscription: only activities can be extracted");
}
