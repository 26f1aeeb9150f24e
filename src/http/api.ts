/**
 * What all of /v1 shares: the bearer's check, the form of errors, bodies that are read with an end and checked whole.
 */
import type { Context, HonoRequest, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as v from "valibot";
import { verifyAccessToken } from "../access/access-token.ts";
import { denialOf } from "../access/authorize.ts";
import type { Scope } from "../access/scope.ts";
import type { Settings } from "../config/settings.ts";
import { contextOf } from "../ingest/context.ts";
import { isSameSecret } from "../platform/constant-time.ts";
import { loggable } from "../platform/errors.ts";
import { parseId } from "../tokens/id.ts";

/** Stable codes; the README lists them. */
export type ErrorCode =
  | "invalid_json"
  | "invalid_field"
  | "missing_field"
  | "unknown_field"
  | "unmailable"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "too_large"
  | "storage_unavailable"
  | "internal";

export interface Fault {
  readonly status: ContentfulStatusCode;
  readonly code: ErrorCode;
  readonly message: string;
  /** The path of the field that is wrong: `person.id`, `events.3.type`. */
  readonly field?: string;
}

/** A fault that ends the request; `onError` turns it into its answer. */
export class ApiError extends HTTPException {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.status, { message: fault.message });
    this.fault = fault;
  }
}

export function faultAnswer(
  { status, code, message, field }: Fault,
  headers: Record<string, string> = {},
): Response {
  const error = { code, message, ...(field === undefined ? {} : { field }) };
  return Response.json({ error }, { status, headers: { "Cache-Control": "no-store", ...headers } });
}

/**
 * Lets a request pass that presents one of API_KEYS, which may do everything, or the access token of a client with `needed`
 * (RFC 6750 §2.1). Without a scope, whatever token is genuine.
 */
export function bearer(needed?: Scope): MiddlewareHandler<{ Bindings: Env }> {
  return async ({ env, req }, next) => {
    const settings = settingsOf(env);
    const presented = bearerOf(req);
    if (isOneOf(presented, settings.apiKeys)) return await next();
    if (presented === "") return unauthorized("missing");
    return (await refusalOf(presented, needed, settings, env.DB)) ?? (await next());
  };
}

/** What a request presents as its bearer's (RFC 6750 §2.1); empty without. */
export function bearerOf(req: HonoRequest): string {
  return /^Bearer +(\S+)$/i.exec(req.header("Authorization") ?? "")?.[1] ?? "";
}

/** Undefined for an access token that may. Throws ApiError when D1 cannot say. */
async function refusalOf(
  token: string,
  needed: Scope | undefined,
  settings: Settings,
  d1: D1Database,
): Promise<Response | undefined> {
  const nowMs = Date.now();
  if (needed === undefined) {
    const claims = verifyAccessToken(settings.tokenKeys, token, nowMs);
    return claims.ok ? undefined : unauthorized(claims.reason);
  }
  const denial = await orStorageUnavailable("The client could not be looked up", () =>
    denialOf(token, needed, settings, d1, nowMs),
  );
  if (denial === undefined) return undefined;
  return denial === "denied" ? denied(needed) : unauthorized(denial);
}

const HOW_TO = 'Send one of the API_KEYS, or a client\'s access token, as "Authorization: Bearer <key>".';
/** A stranger learns nothing of tokens: only who holds one that was genuine is told what became of it. */
const UNAUTHORIZED = {
  missing: HOW_TO,
  forged: HOW_TO,
  expired: "The access token is an hour old and has expired; get another.",
  revoked: "The client of this access token has been revoked.",
};

/** With the challenge of RFC 6750 §3.1: without an error for whoever presented nothing. */
function unauthorized(why: keyof typeof UNAUTHORIZED): Response {
  const challenge = `Bearer realm="waxseal"${why === "missing" ? "" : ', error="invalid_token"'}`;
  return faultAnswer(
    { status: 401, code: "unauthorized", message: UNAUTHORIZED[why] },
    { "WWW-Authenticate": challenge },
  );
}

function denied(needed: Scope): Response {
  const message = `This takes a client with the scope "${needed}".`;
  const challenge = `Bearer realm="waxseal", error="insufficient_scope", scope="${needed}"`;
  return faultAnswer({ status: 403, code: "forbidden", message }, { "WWW-Authenticate": challenge });
}

/** Compares all of them, so that the time it takes tells nothing of the keys. */
function isOneOf(presented: string, keys: readonly string[]): boolean {
  return keys.filter((key) => isSameSecret(presented, key)).length > 0;
}

/** 1 MiB, the most that a body on /v1 may have; a longer one is refused before it is read. */
const MAX_BODY_BYTES = 1024 * 1024;

export const limitedBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => faultAnswer({ status: 413, code: "too_large", message: "The body is over 1 MiB." }),
});

/** The body, checked against a schema. Throws ApiError with the first wrong field's path. */
export async function readBody<Schema extends v.GenericSchema>(
  context: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const bytes = await context.req.arrayBuffer();
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    throw new ApiError({ status: 400, code: "invalid_json", message: `The body is not JSON: ${why}` });
  }
  return checked(schema, json);
}

/** The query, each parameter at most once, checked against a schema. Throws ApiError with the first wrong parameter's name. */
export function readQuery<Schema extends v.GenericSchema>(
  context: Context,
  schema: Schema,
): v.InferOutput<Schema> {
  const parameters = Object.entries(context.req.queries());
  const repeated = parameters.find(([, values]) => values.length > 1)?.[0];
  if (repeated !== undefined) {
    const message = `${repeated} is there more than once.`;
    throw new ApiError({ status: 400, code: "invalid_field", message, field: repeated });
  }
  return checked(schema, Object.fromEntries(parameters.map(([name, [value]]) => [name, value])));
}

function checked<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const read = v.safeParse(schema, value, { abortEarly: true });
  if (read.success) return read.output;
  throw new ApiError(faultOf(read.issues[0]));
}

/** What an issue of a schema tells whoever sent it. `at`: the path of what was checked, if it is a part of the body. */
export function faultOf(issue: v.BaseIssue<unknown>, at?: string): Fault {
  const path = [at, v.getDotPath(issue)].filter((part) => part !== undefined && part !== null);
  const field = path.length === 0 ? undefined : path.join(".");
  const named = field === undefined ? {} : { field };
  if (issue.type === "strict_object" && issue.expected === "never") {
    return { status: 400, code: "unknown_field", message: `There is no field ${field}.`, ...named };
  }
  if (issue.received === "undefined") {
    return { status: 400, code: "missing_field", message: `${field ?? "The body"} is missing.`, ...named };
  }
  return {
    status: 400,
    code: "invalid_field",
    message: `${field ?? "The body"}: ${issue.message}`,
    ...named,
  };
}

/** An object with these fields and no others. valibot's own takes an array for one. */
export function fields<Entries extends v.ObjectEntries>(entries: Entries) {
  const isNoArray = (value: unknown) => !Array.isArray(value);
  return v.pipe(v.unknown(), v.check(isNoArray, "must be an object"), v.strictObject(entries));
}

/** An id as spec'd for email, person and campaign: an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : - */
export const Id = v.pipe(
  v.custom<string | number>(
    (value) => parseId(value) !== undefined,
    "must be an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : -",
  ),
  v.transform(String),
);

/** One line of text. Neither control characters nor half a surrogate pair: D1 would give back another text. */
export const Line = v.pipe(
  v.string(),
  v.regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be one line of text, without control characters"),
);

/** Without control characters, like `Line`. More than "something@something" is the mail server's to judge. */
const ADDRESS = /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u;
/** RFC 5321 §4.5.3.1. */
const LONGEST_ADDRESS = 254;

export function isAddress(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST_ADDRESS && ADDRESS.test(value);
}

export const Address = v.custom<string>(
  isAddress,
  "must be an address like marie@example.com, of at most 254 characters",
);

/** A parameter of a query that is an integer between these two. */
export const integerParameter = (min: number, max: number, fault: string) =>
  v.pipe(
    v.string(),
    v.check((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, fault),
    v.transform(Number),
  );

/** Throws ApiError when this Worker is not set up. */
export function settingsOf(env: Env): Settings {
  const { settings } = contextOf(env);
  if (settings.ok) return settings.value;
  throw new ApiError({ status: 503, code: "internal", message: "This Worker is not set up." });
}

/** What D1 answers; when it does not: 503, and a line of the log, with `failure` for both: "The events could not be stored". */
export async function orStorageUnavailable<T>(failure: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    console.error(JSON.stringify({ message: failure, error: loggable(error) }));
    const message = `${failure}; try again in a moment.`;
    throw new ApiError({ status: 503, code: "storage_unavailable", message });
  }
}
