/** /v1/clients: programs that may read the log, send, or administer, each with an id, a secret and scopes of its own. */
import type { Context } from "hono";
import * as v from "valibot";
import { readBody } from "../http/body.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { fields, Line } from "../http/schemas.ts";
import { addClient, allClients, type Client, revokeClient } from "./clients.ts";
import { SCOPES } from "./scope.ts";

type ClientsContext = Context<{ Bindings: Env }>;

const NewClient = fields({
  name: v.pipe(Line, v.trim(), v.minLength(1, "must not be empty"), v.maxLength(100)),
  scopes: v.pipe(
    v.array(v.picklist(SCOPES, 'must be "read", "send" or "admin"'), "must be a list"),
    v.minLength(1, "must name a scope"),
  ),
});

const Named = fields({ id: v.pipe(v.string(), v.maxLength(64)) });

const NOT_STORED = { "Cache-Control": "no-store" };

/** `{id, name, scopes, createdAt, secret}`; the secret is shown this once. */
export async function makeClient(context: ClientsContext): Promise<Response> {
  const { name, scopes } = await readBody(context, NewClient);
  const asked = { name, scopes: SCOPES.filter((scope) => scopes.includes(scope)), createdMs: Date.now() };
  const { secret, ...client } = await orStorageUnavailable("The clients are out of reach", () =>
    addClient(context.env.DB, asked),
  );
  return context.json({ ...clientOf(client), secret }, 201, NOT_STORED);
}

/** `{clients}`, the oldest first, the revoked ones too. */
export async function listClients(context: ClientsContext): Promise<Response> {
  const clients = await orStorageUnavailable("The clients are out of reach", () =>
    allClients(context.env.DB),
  );
  return context.json({ clients: clients.map(clientOf) }, 200, NOT_STORED);
}

/** `{revoked: true}`: from now on its secret and its access token are refused. */
export async function endClient(context: ClientsContext): Promise<Response> {
  const { id } = await readBody(context, Named);
  if (
    await orStorageUnavailable("The clients are out of reach", () =>
      revokeClient(context.env.DB, id, Date.now()),
    )
  )
    return context.json({ revoked: true }, 200, NOT_STORED);
  throw new ApiError({
    status: 404,
    code: "not_found",
    message: "There is no client of that id.",
    field: "id",
  });
}

function clientOf({ id, name, scopes, createdMs, revokedMs }: Client) {
  const revoked = revokedMs === undefined ? {} : { revokedAt: new Date(revokedMs).toISOString() };
  return { id, name, scopes, createdAt: new Date(createdMs).toISOString(), ...revoked };
}
