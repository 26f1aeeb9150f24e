/** /v1/clients: programs that may read the log, send or administer, each with an id, a secret and scopes of its own. */
import type { Context } from "hono";
import * as v from "valibot";
import { readBody } from "../http/body.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { fields, Line } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { addClient, allClients, type Client, setRevoked } from "./clients.ts";
import { SCOPES } from "./scope.ts";

type ClientsContext = Context<{ Bindings: Env }>;

const NewClient = fields({
  name: v.pipe(Line, v.trim(), v.minLength(1, "must not be empty"), v.maxLength(100)),
  scopes: v.pipe(
    v.array(v.picklist(SCOPES, 'must be "read", "send" or "admin"'), "must be a list"),
    v.minLength(1, "must name a scope"),
  ),
});

const ClientId = fields({ id: v.pipe(v.string(), v.maxLength(64)) });

/** `{id, name, scopes, createdAt, secret}`; the secret is shown this once. */
export async function createClient(context: ClientsContext): Promise<Response> {
  const { name, scopes } = await readBody(context, NewClient);
  const client = { name, scopes: SCOPES.filter((scope) => scopes.includes(scope)), createdAtMs: Date.now() };
  const { secret, ...created } = await fromStorage(() => addClient(context.env.DB, client));
  return context.json({ ...clientJson(created), secret }, 201);
}

/** `{clients}`, the oldest first, revoked ones included. */
export async function listClients(context: ClientsContext): Promise<Response> {
  const clients = await fromStorage(() => allClients(context.env.DB));
  return context.json({ clients: clients.map(clientJson) });
}

/** `{revoked: true}`: the client's secret and access token are refused from now on. */
export async function revokeClient(context: ClientsContext): Promise<Response> {
  const { id } = await readBody(context, ClientId);
  const exists = await fromStorage(() => setRevoked(context.env.DB, id, Date.now()));
  if (exists) return context.json({ revoked: true });
  const message = "There is no client of that id.";
  throw new ApiError({ status: 404, code: "not_found", message, field: "id" });
}

function fromStorage<T>(work: () => Promise<T>): Promise<T> {
  return orStorageUnavailable("The clients are out of reach", work);
}

function clientJson({ id, name, scopes, createdAtMs, revokedAtMs }: Client) {
  const revoked = revokedAtMs === undefined ? {} : { revokedAt: isoTime(revokedAtMs) };
  return { id, name, scopes, createdAt: isoTime(createdAtMs), ...revoked };
}
