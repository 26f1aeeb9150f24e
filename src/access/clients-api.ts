/** /v1/clients: programs that may read the log, send or administer, each with an id, a secret and scopes of its own. */
import * as v from "valibot";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { CursorParameter, fields, Line, limitParameter, pageSchema, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { addClient, type Client, clientsAfter, setRevoked } from "./clients.ts";
import { SCOPES } from "./scope.ts";

const MAX_CLIENTS = 1_000;
/** What cursors are for. */
const LIST = "clients";

const NewClient = fields({
  name: v.pipe(Line, v.trim(), v.regex(/\S/u, "must not be empty"), v.maxLength(100)),
  scopes: v.pipe(
    v.array(v.picklist(SCOPES, 'must be "read", "pii", "send" or "admin"'), "must be a list"),
    v.minLength(1, "must name a scope"),
  ),
});

const CLIENT = {
  id: v.string(),
  name: v.string(),
  scopes: v.array(v.picklist(SCOPES)),
  createdAt: TimeAnswer,
};
const ClientAnswer = v.pipe(
  v.object({
    ...CLIENT,
    revokedAt: v.optional(v.pipe(TimeAnswer, v.description("Its requests are refused since then."))),
  }),
  v.title("Client"),
);
const NewClientAnswer = v.object({ ...CLIENT, secret: v.pipe(v.string(), v.description("Shown this once.")) });

export const registerClient = operation({
  summary: "Create a client",
  description: "Its secret is shown this once: it gets access tokens at `/identity/oauth/token`.",
  body: NewClient,
  answers: { 201: { description: "The client, with its secret", schema: NewClientAnswer } },
  example: { body: { name: "warehouse", scopes: ["read"] } },
  handle: async (context, { body: { name, scopes } }) => {
    const client = { name, scopes: SCOPES.filter((scope) => scopes.includes(scope)), createdAtMs: Date.now() };
    const { secret, ...created } = await fromStorage(() => addClient(context.env.DB, client));
    return context.json({ ...clientJson(created), secret }, 201);
  },
});

export const listClients = operation({
  summary: "List clients",
  description: "The oldest first, revoked ones included.",
  query: fields({ limit: limitParameter(MAX_CLIENTS), cursor: CursorParameter }),
  answers: { 200: { description: "A page of clients", schema: pageSchema(ClientAnswer) } },
  example: { query: { limit: "100" } },
  handle: async (context, { query: { limit, cursor } }) => {
    const { tokenKeys } = configured(context.env);
    const [createdAt, id] = readCursor(tokenKeys, LIST, cursor)?.split(" ") ?? [];
    const after = id === undefined ? undefined : { createdAtMs: Number(createdAt), id };
    const clients = await fromStorage(() => clientsAfter(context.env.DB, after, limit + 1));
    const page = clients.slice(0, limit);
    const last = clients.length > limit ? page.at(-1) : undefined;
    const next = last && encryptCursor(tokenKeys, LIST, `${last.createdAtMs} ${last.id}`);
    return context.json({ data: page.map(clientJson), next });
  },
});

export const revokeClient = operation({
  summary: "Revoke a client",
  description: "Its secret and its access token are refused from now on.",
  body: fields({ id: v.pipe(v.string(), v.maxLength(64)) }),
  answers: { 200: { description: "It is revoked", schema: v.object({ revoked: v.literal(true) }) } },
  errors: [404],
  example: { body: { id: "6f1c9a52-3b0e-4d87-9c1f-2a7e5d40b8c3" } },
  handle: async (context, { body: { id } }) => {
    const exists = await fromStorage(() => setRevoked(context.env.DB, id, Date.now()));
    if (exists) return context.json({ revoked: true });
    const message = "There is no client of that id.";
    throw new ApiError({ status: 404, code: "not_found", message, field: "id" });
  },
});

function fromStorage<T>(work: () => Promise<T>): Promise<T> {
  return orStorageUnavailable("The clients are out of reach", work);
}

function clientJson({ id, name, scopes, createdAtMs, revokedAtMs }: Client) {
  const revoked = revokedAtMs === undefined ? {} : { revokedAt: isoTime(revokedAtMs) };
  return { id, name, scopes, createdAt: isoTime(createdAtMs), ...revoked };
}
