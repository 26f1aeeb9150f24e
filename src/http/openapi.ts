/**
 * The OpenAPI 3.1 document of `/v1`, made from the schemas that check its requests, when the Worker is built. Gives up
 * what JSON Schema cannot say: `handle` checks it, and its message names the field.
 */
import { type ConversionConfig, type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { AnswerSpec, Operation } from "./operation.ts";

/** An operation with what a caller needs. */
interface DescribedRoute {
  readonly operation: Operation;
  /** What a client's access token must allow; an API key may do everything. Undefined: no key is needed. */
  readonly scope: string | undefined;
}

/** By path, whose parameters are written `:name`, the operations by method. */
export type DescribedPaths = Readonly<Record<string, Readonly<Record<string, DescribedRoute>>>>;

/** A post that the Worker makes. */
export interface DescribedWebhook {
  readonly summary: string;
  readonly description: string;
  /** What each of its headers says. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: v.GenericSchema;
}

/** What the document describes. */
export interface DescribedApi {
  readonly paths: DescribedPaths;
  /** By their names in the document. */
  readonly webhooks: Readonly<Record<string, DescribedWebhook>>;
}

/** Raised when a program that was written for the API would have to change. */
const API_VERSION = "1.0.0";

/** What each operation may answer besides what it says itself. */
const COMMON_ERRORS = [400, 401, 403, 413, 429, 500, 503] as const;

const ERROR: JsonSchema = {
  type: "object",
  properties: {
    error: {
      type: "object",
      properties: {
        code: { type: "string", description: "Stable; docs/errors.md lists them." },
        message: { type: "string" },
        field: { type: "string", description: "The path of the wrong field, like person.id." },
        requestId: { type: "string", description: "As in the header X-Request-Id." },
      },
      required: ["code", "message", "requestId"],
    },
  },
  required: ["error"],
};

const CONVERSION: ConversionConfig = {
  target: "draft-2020-12",
  // A pipe's last schema: of a parameter that is read as a number, the number.
  typeMode: "output",
  // Metadata says how a value is masked (holds.ts).
  ignoreActions: ["transform", "raw_transform", "trim", "metadata"],
  // Otherwise it looks like one that has no other fields.
  overrideSchema: ({ valibotSchema, jsonSchema }) =>
    valibotSchema.type === "loose_object" ? { ...jsonSchema, additionalProperties: true } : undefined,
  // A pattern of JSON Schema is one with the flag "u" (JSON Schema Core §6.4).
  overrideAction: ({ valibotAction, jsonSchema }) => {
    const { type, requirement } = valibotAction as { readonly type: string; readonly requirement?: unknown };
    if (type !== "regex" || !(requirement instanceof RegExp) || requirement.flags !== "u") return undefined;
    return { ...jsonSchema, pattern: requirement.source };
  },
};

/** The document, as JSON. Paths appear in the order of the table. */
export function openApiDocument({ paths, webhooks }: DescribedApi): Record<string, unknown> {
  const schemas = new Map<string, JsonSchema>([["Error", ERROR]]);
  return {
    openapi: "3.1.0",
    info: {
      title: "Waxseal",
      version: API_VERSION,
      description: [
        "Email event logging: decoration, outcomes, suppressions, reports and the feed of events.",
        "An example works once the ids, addresses and tokens in it are yours: what is named by one that your Worker",
        "does not have is answered with 404, or is empty.",
      ].join(" "),
      license: { name: "MIT", identifier: "MIT" },
    },
    security: [{ bearer: [] }],
    paths: withReferences(
      Object.fromEntries(Object.entries(paths).map(([path, routes]) => [templateOf(path), pathItem(path, routes)])),
      schemas,
    ),
    webhooks: withReferences(
      Object.fromEntries(Object.entries(webhooks).map(([name, webhook]) => [name, describeWebhook(webhook)])),
      schemas,
    ),
    components: {
      schemas: Object.fromEntries([...schemas].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      responses: ERROR_RESPONSES,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "One of API_KEYS, or a client's access token." },
      },
    },
  };
}

/** `/v1/retries/:id` → `/v1/retries/{id}` */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

function pathItem(path: string, routes: DescribedPaths[string]) {
  // "/v1/dead-letters/replay" is listed with "/v1/dead-letters".
  const [tag = ""] = path.split("/").slice(2);
  const described = Object.entries(routes).map(([method, { operation, scope }]) => [
    method.toLowerCase(),
    { operationId: operationId(method, path), tags: [tag], ...describeOperation(operation, scope) },
  ]);
  return Object.fromEntries(described);
}

/** GET `/v1/messages/:token` → "getMessagesByToken": it stays while words change. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/v1\//, "")
    .replaceAll("/:", "-by-")
    .split(/[^A-Za-z0-9]+/);
  return [method.toLowerCase(), ...words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))].join("");
}

function describeOperation(operation: Operation, scope: string | undefined) {
  const { summary, description, params, query, answers, errors, example } = operation;
  const parameters = [...parametersOf(params, "path", example.params), ...parametersOf(query, "query", example.query)];
  const body = requestBody(operation);
  const scopeText = scope === undefined ? "Takes no key." : `Takes the scope \`${scope}\`.`;
  return {
    summary,
    description: description === undefined ? scopeText : `${description}\n\n${scopeText}`,
    ...(scope === undefined ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...Object.fromEntries([...COMMON_ERRORS, ...errors].map((status) => [status, describeError(status)])),
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)])),
    },
  };
}

function describeWebhook({ summary, description, headers, body }: DescribedWebhook) {
  const parameters = Object.entries(headers).map(([name, what]) => ({
    name,
    in: "header",
    required: true,
    description: what,
    schema: { type: "string" },
  }));
  const content = { "application/json": { schema: toJsonSchema(body, CONVERSION) } };
  const responses = { "2XX": { description: "It is not posted again." } };
  return {
    post: { tags: ["webhook-endpoints"], summary, description, parameters, requestBody: { content }, responses },
  };
}

function requestBody({ body, foreignBody, example }: Operation) {
  if (foreignBody !== undefined) {
    const { description, example: foreign } = foreignBody;
    return { description, required: true, content: { "application/json": { schema: {}, example: foreign } } };
  }
  if (body === undefined) return undefined;
  const given = example.body === undefined ? {} : { example: example.body };
  return { required: true, content: { "application/json": { schema: toJsonSchema(body, CONVERSION), ...given } } };
}

function parametersOf(schema: v.GenericSchema | undefined, where: "path" | "query", example: unknown) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJsonSchema(schema, CONVERSION);
  const examples = new Map(Object.entries(example ?? {}));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
    ...(examples.has(name) ? { example: examples.get(name) } : {}),
  }));
}

function describeAnswer({ description, schema, contentType = "application/json", alsoAs = [] }: AnswerSpec) {
  const described = schema === undefined ? {} : { schema: toJsonSchema(schema, CONVERSION) };
  return {
    description,
    content: { [contentType]: described, ...Object.fromEntries(alsoAs.map((type) => [type, {}])) },
  };
}

/** The errors of operations, by status: each is a component, to which they refer. */
const ERRORS: Readonly<Record<number, { readonly name: string; readonly description: string }>> = {
  400: { name: "BadRequest", description: "The request is wrong; `field` says where." },
  401: { name: "Unauthorized", description: "There is no genuine API key or access token." },
  403: { name: "Forbidden", description: "The client lacks the scope." },
  404: { name: "NotFound", description: "What is named is not there." },
  409: { name: "Conflict", description: "It cannot be done as things are." },
  413: { name: "TooLarge", description: "The body is too large." },
  429: { name: "TooManyRequests", description: "Too many calls; `Retry-After` says when to try again." },
  500: { name: "Internal", description: "A fault of the Worker." },
  503: { name: "Unavailable", description: "Storage is out of reach, or the Worker is not set up; try again." },
};

/** @throws {Error} for a status that is none of `ERRORS` */
function describeError(status: number) {
  const error = ERRORS[status];
  if (error === undefined) throw new Error(`No operation answers ${status}.`);
  return { $ref: `#/components/responses/${error.name}` };
}

const RETRY_AFTER = { description: "Seconds until it may be tried again.", schema: { type: "integer" } };
const RATE_LIMIT = { description: "draft-ietf-httpapi-ratelimit-headers", schema: { type: "string" } };
const ERROR_HEADERS: Readonly<Record<number, object>> = {
  429: { "Retry-After": RETRY_AFTER, "RateLimit-Policy": RATE_LIMIT, RateLimit: RATE_LIMIT },
};

const ERROR_RESPONSES = Object.fromEntries(
  Object.entries(ERRORS).map(([status, { name, description }]) => [
    name,
    {
      description,
      headers: { "X-Request-Id": { schema: { type: "string" } }, ...ERROR_HEADERS[Number(status)] },
      content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
    },
  ]),
);

/**
 * A part of the document in which schemas with a title are references to `schemas`, to which it adds them.
 * @throws {Error} when two schemas have the same title
 */
function withReferences(part: unknown, schemas: Map<string, JsonSchema>): unknown {
  if (Array.isArray(part)) return part.map((each) => withReferences(each, schemas));
  if (typeof part !== "object" || part === null) return part;
  const referring: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, name === "example" ? value : withReferences(value, schemas)]),
  );
  // Only a schema that is an answer's whole body says which dialect it is.
  const { title, description, $schema: _dialect, ...schema } = referring;
  if (typeof title !== "string") return referring;
  const known = schemas.get(title);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
    throw new Error(`Two schemas have the title ${title}.`);
  }
  schemas.set(title, schema);
  // What is said of this use of the schema is beside the reference.
  return { $ref: `#/components/schemas/${title}`, ...(description === undefined ? {} : { description }) };
}
