/** Bodies, forms and queries: limited in size; those of the API are checked whole against a schema. */
import type { Context, HonoRequest, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as v from "valibot";
import { parseUtf8Json } from "../platform/utf8-json.ts";
import { ApiError, type ApiFailure, failureAnswer } from "./errors.ts";
import { issueWords } from "./issue-words.ts";

const MAX_BODY_BYTES = 1024 * 1024;
/** The forms that this Worker takes have a few short fields. */
const MAX_FORM_BYTES = 16 * 1024;

/** How long a body may be; by the request where its path decides. */
export type BodyBytes = number | ((request: HonoRequest) => number | undefined);

/** Refuses a body of more than `maxBytes` before it is read. Default: 1 MiB */
export function limitBody(maxBytes: BodyBytes = MAX_BODY_BYTES): MiddlewareHandler {
  return (context, next) => {
    const maxSize = typeof maxBytes === "number" ? maxBytes : (maxBytes(context.req) ?? MAX_BODY_BYTES);
    const message = `The body is over ${maxSize / MAX_BODY_BYTES} MiB.`;
    const limit = bodyLimit({
      maxSize,
      onError: () => failureAnswer(context, { status: 413, code: "too_large", message }),
    });
    return limit(context, next);
  };
}

/** Refuses a form of more than 16 KiB before it is read. */
export const limitedForm = bodyLimit({
  maxSize: MAX_FORM_BYTES,
  onError: () => new Response("That is more than this form has fields for.\n", { status: 413 }),
});

/**
 * The fields of an urlencoded form; undefined for another body. Reads the body in either case, because workerd closes
 * the connection of a client that is still sending.
 */
export async function readForm(req: HonoRequest): Promise<URLSearchParams | undefined> {
  // `text()` logs a warning for form bodies, so decode the bytes.
  const body = new TextDecoder().decode(await req.arrayBuffer());
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(req.header("Content-Type") ?? "");
  return isForm ? new URLSearchParams(body) : undefined;
}

/** The body, checked against a schema. Throws ApiError 400 with the path of the first wrong field. */
export async function readBody<Schema extends v.GenericSchema>(
  context: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const json = parseUtf8Json(await context.req.arrayBuffer());
  if (json.ok) return checked(schema, json.value);
  throw new ApiError({ status: 400, code: "invalid_json", message: `The body is not JSON: ${json.reason}` });
}

/** The query, each parameter once, checked against a schema. Throws ApiError 400 with the first wrong parameter. */
export function readQuery<Schema extends v.GenericSchema>(context: Context, schema: Schema): v.InferOutput<Schema> {
  const parameters = Object.entries(context.req.queries());
  const repeated = parameters.find(([, values]) => values.length > 1)?.[0];
  if (repeated !== undefined) {
    const message = `${repeated} is there more than once.`;
    throw new ApiError({ status: 400, code: "invalid_field", message, field: repeated });
  }
  return checked(schema, Object.fromEntries(parameters.map(([name, [value]]) => [name, value])));
}

/** The parameters of the path, checked against a schema. Throws ApiError 400 with the first wrong one. */
export function readParams<Schema extends v.GenericSchema>(context: Context, schema: Schema): v.InferOutput<Schema> {
  return checked(schema, context.req.param());
}

/** The first issue decides. */
const CHECK = { abortEarly: true, message: issueWords } as const;

function checked<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const read = v.safeParse(schema, value, CHECK);
  if (read.success) return read.output;
  throw new ApiError(failureOf(read.issues[0]));
}

/**
 * Why a schema does not take a value.
 * @param at the path of the value in the body
 */
export function failureIn(schema: v.GenericSchema, value: unknown, at: string): ApiFailure {
  const { issues } = v.safeParse(schema, value, CHECK);
  if (issues === undefined) throw new Error(`${at} was wrong and is right`);
  return failureOf(issues[0], at);
}

/**
 * A schema's issue, as /v1 answers it.
 * @param at the path of what was checked, when it is a part of the body
 */
function failureOf(issue: v.BaseIssue<unknown>, at?: string): ApiFailure {
  const path = [at, v.getDotPath(issue)].filter((part) => part !== undefined && part !== null);
  const field = path.length === 0 ? undefined : path.join(".");
  // Where a field has several forms, the one whose fields were looked at says more.
  const inForm = issue.type === "union" ? issue.issues?.find(({ path: inner }) => inner !== undefined) : undefined;
  if (inForm !== undefined) return failureOf(inForm, field);
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
