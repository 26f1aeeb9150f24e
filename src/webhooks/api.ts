/** /v1/webhook-endpoints: where the sender wants events to be posted. */
import * as v from "valibot";
import { endOfLog } from "../feed/index.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { type ApiContext, operation } from "../http/operation.ts";
import { CursorParameter, fields, limitParameter, pageSchema, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { logger } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import {
  changeEndpoint,
  deleteEndpoint,
  type EndpointRow,
  endpointObject,
  endpointsAfter,
  findEndpoint,
  insertEndpoint,
  MAX_ENDPOINTS,
} from "./endpoints.ts";
import {
  ChangedEndpoint,
  columnsOf,
  EndpointAnswer,
  EndpointWithProgress,
  endpointAnswer,
  ListedEndpoint,
  listedAnswer,
  NewEndpoint,
  NewEndpointAnswer,
  progressAnswer,
} from "./schemas.ts";
import { endpointStatuses } from "./status.ts";
import { checkTarget, ownOrigins } from "./target.ts";
import { forgetEndpoints } from "./wake.ts";

/** What cursors are for. */
const LIST = "webhook-endpoints";

const EXAMPLE_ID = "3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1";
const EXAMPLE_URL = "https://example.com/webhooks/waxseal";

export const EndpointPath = fields({ id: v.pipe(v.string(), v.maxLength(64)) });
export const EXAMPLE_PATH = { id: EXAMPLE_ID };

export const createEndpoint = operation({
  summary: "Create a webhook endpoint",
  description: [
    "Events are posted to it that are recorded from now on, each at least once, signed as Standard Webhooks 1.0.0 say.",
    "`ordered` (the default): an event that is not accepted holds up those behind it; otherwise it waits in a retry",
    "queue.",
    "`batch`: up to so many events a post; 1 by default.",
  ].join(" "),
  body: NewEndpoint,
  answers: { 201: { description: "The endpoint, with its secret", schema: NewEndpointAnswer } },
  errors: [409],
  example: { body: { url: EXAMPLE_URL, events: ["email.clicked", "email.unsubscribed"] } },
  handle: async (context, { body }) => {
    checkUrl(context, body.url);
    const row: EndpointRow = {
      id: crypto.randomUUID(),
      description: null,
      events: null,
      email: null,
      campaign: null,
      bots: "include",
      ordered: true,
      batch: 1,
      createdAt: Date.now(),
      disabledAt: null,
      disabledReason: null,
      ...columnsOf(body),
      url: body.url,
    };
    const started = await fromStorage(() => startEndpoint(context.env, row));
    if (!started.ok) throw new ApiError({ status: 409, code: "too_many", message: TOO_MANY_ENDPOINTS });
    forgetEndpoints(context.env);
    return context.json({ ...endpointAnswer(row), secret: started.value }, 201);
  },
});

const TOO_MANY_ENDPOINTS = `There are ${MAX_ENDPOINTS} endpoints already: delete one first.`;

/** The object is started first: it ends itself if the row is never written. @returns the secret */
async function startEndpoint(env: Env, row: EndpointRow): Promise<Result<string, "too_many">> {
  const { DB } = env;
  const object = endpointObject(env, row.id);
  const secret = await object.start(await endOfLog(DB));
  const isInserted = await insertEndpoint(DB, row);
  if (isInserted) return ok(secret);
  await object.remove();
  return refused("too_many");
}

export const listEndpoints = operation({
  summary: "List webhook endpoints",
  description: "The oldest first, with how far each is.",
  query: fields({ limit: limitParameter(MAX_ENDPOINTS), cursor: CursorParameter }),
  answers: { 200: { description: "A page of endpoints", schema: pageSchema(ListedEndpoint) } },
  handle: async (context, { query: { limit, cursor } }) => {
    const { env } = context;
    const { tokenKeys } = configured(env);
    const [createdAt, id] = readCursor(tokenKeys, LIST, cursor)?.split(" ") ?? [];
    const after = id === undefined ? undefined : { createdAt: Number(createdAt), id };
    const { rows, statuses, end } = await fromStorage(async () => {
      const rows = await endpointsAfter(env.DB, after, limit + 1);
      return { rows, ...(await endpointStatuses(env, rows.slice(0, limit))) };
    });
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const next = last && encryptCursor(tokenKeys, LIST, `${last.createdAt} ${last.id}`);
    return context.json({ data: statuses.map((status) => listedAnswer(status, end)), next });
  },
});

export const showEndpoint = operation({
  summary: "Show a webhook endpoint",
  description: "With how far it is.",
  params: EndpointPath,
  answers: { 200: { description: "The endpoint", schema: EndpointWithProgress } },
  errors: [404],
  example: { params: EXAMPLE_PATH },
  handle: async (context, { params: { id } }) => {
    const row = await existing(context, id);
    const shown = await fromStorage(() => statusAndProgressOf(context.env, row));
    return context.json({ ...endpointAnswer(row), ...shown });
  },
});

/** How an endpoint is, and how far. Rejects while that is unknown. */
async function statusAndProgressOf(env: Env, row: EndpointRow) {
  const { statuses, end } = await endpointStatuses(env, [row]);
  const [status] = statuses;
  const progress = status?.progress;
  if (status === undefined || progress === undefined) throw new Error("the endpoint is out of reach");
  return { status: status.status, progress: progressAnswer({ ...status, progress }, end) };
}

/** How far an endpoint is. Rejects while that is unknown. */
export async function progressOf(env: Env, row: EndpointRow) {
  return (await statusAndProgressOf(env, row)).progress;
}

export const updateEndpoint = operation({
  summary: "Change a webhook endpoint",
  description: [
    "Fields that are not named stay; null takes a filter or the description away.",
    "`enabled` true goes on from where it was. What failed is tried again at once.",
  ].join(" "),
  params: EndpointPath,
  body: ChangedEndpoint,
  answers: { 200: { description: "The endpoint", schema: EndpointAnswer } },
  errors: [404],
  example: { params: EXAMPLE_PATH, body: { enabled: true } },
  handle: async (context, { params: { id }, body }) => {
    if (body.url !== undefined) checkUrl(context, body.url);
    const { env } = context;
    const row = await fromStorage(async () => {
      const before = await findEndpoint(env.DB, id);
      if (before === undefined) return undefined;
      const changed = await changeEndpoint(env.DB, id, { ...columnsOf(body), ...switched(before, body.enabled) });
      await endpointObject(env, id).resume();
      return changed;
    });
    if (row === undefined) throw noSuchEndpoint();
    forgetEndpoints(env);
    return context.json(endpointAnswer(row));
  },
});

/** The columns that enable or disable an endpoint. One that is disabled already keeps its reason. */
function switched({ disabledAt }: EndpointRow, enabled: boolean | undefined) {
  if (enabled === undefined || enabled === (disabledAt === null)) return {};
  return enabled
    ? { disabledAt: null, disabledReason: null }
    : { disabledAt: Date.now(), disabledReason: "by_sender" as const };
}

export const removeEndpoint = operation({
  summary: "Delete a webhook endpoint",
  description: "Nothing is posted to it any more. Its deliveries are deleted, too.",
  params: EndpointPath,
  answers: { 200: { description: "It is deleted", schema: v.object({ deleted: v.literal(true) }) } },
  errors: [404],
  example: { params: EXAMPLE_PATH },
  handle: async (context, { params: { id } }) => {
    const isDeleted = await fromStorage(() => deleteEndpoint(context.env.DB, id));
    if (!isDeleted) throw noSuchEndpoint();
    forgetEndpoints(context.env);
    try {
      await endpointObject(context.env, id).remove();
    } catch (error) {
      // It finds its row gone before the next post, and deletes itself.
      logger.warn("webhook endpoint not reached to be deleted", { endpoint: id, error });
    }
    return context.json({ deleted: true });
  },
});

const TOO_MANY_ROTATIONS = "Three old secrets sign still, each for 24 hours: rotate again when the first has ended.";

export const rotateSecret = operation({
  summary: "Rotate a webhook endpoint's secret",
  description:
    "Both secrets sign for 24 hours: give your receiver the new one in that time. It is refused while three old ones " +
    "sign.",
  params: EndpointPath,
  answers: {
    200: {
      description: "The new secret",
      schema: v.object({
        secret: v.pipe(v.string(), v.description("Shown this once.")),
        previousUntil: v.pipe(TimeAnswer, v.description("Until then the one before signs, too.")),
      }),
    },
  },
  errors: [404, 409],
  example: { params: EXAMPLE_PATH },
  handle: async (context, { params: { id } }) => {
    await existing(context, id);
    const { env } = context;
    const rotated = await fromStorage(async () => await endpointObject(env, id).rotate(await endOfLog(env.DB)));
    if (!rotated.ok) throw new ApiError({ status: 409, code: "too_many", message: TOO_MANY_ROTATIONS });
    const { secret, previousUntilMs } = rotated.value;
    return context.json({ secret, previousUntil: isoTime(previousUntilMs) });
  },
});

/** @throws {ApiError} 404 when there is no such endpoint */
export async function existing({ env }: ApiContext, id: string): Promise<EndpointRow> {
  const row = await fromStorage(() => findEndpoint(env.DB, id));
  if (row === undefined) throw noSuchEndpoint();
  return row;
}

function noSuchEndpoint(): ApiError {
  return new ApiError({ status: 404, code: "not_found", message: "There is no endpoint of that id.", field: "id" });
}

function checkUrl({ env, req }: ApiContext, url: string): void {
  const settings = configured(env);
  const target = checkTarget(url, settings.development, [new URL(req.url).origin, ...ownOrigins(settings)]);
  if (target.ok) return;
  throw new ApiError({ status: 400, code: "invalid_field", message: `url ${target.reason}.`, field: "url" });
}

export function fromStorage<T>(work: () => Promise<T>): Promise<T> {
  return orStorageUnavailable("The endpoints are out of reach", work);
}
