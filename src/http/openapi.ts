/**
 * The OpenAPI 3.1 document of `/v1`, made from the schemas that check its requests. Gives up what JSON Schema cannot
 * say: `handle` checks it, and its message names the field.
 */
import { type ConversionConfig, type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { AnswerSpec, Operation } from "./operation.ts";

/** An operation with what a caller needs. */
interface DescribedRoute {
  readonly operation: Operation;
  /** What a client's access token must allow; an API key may do everything. */
  readonly scope: string;
}

/** By path, whose parameters are written `:name`, the operations by method. */
export type DescribedPaths = Readonly<Record<string, Readonly<Record<string, DescribedRoute>>>>;

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
  ignoreActions: ["transform", "raw_transform", "trim"],
  // A pattern of JSON Schema is one with the flag "u" (JSON Schema Core §6.4).
  overrideAction: ({ valibotAction, jsonSchema }) => {
    const { type, requirement } = valibotAction as { readonly type: string; readonly requirement?: unknown };
    if (type !== "regex" || !(requirement instanceof RegExp) || requirement.flags !== "u") return undefined;
    return { ...jsonSchema, pattern: requirement.source };
  },
};

/** The document, as JSON. Paths appear in the order of the table. */
export function openApiDocument(paths: DescribedPaths): Record<string, unknown> {
  return {
    openapi: "3.1.0",
    info: {
      title: "Waxseal",
      version: API_VERSION,
      description: "Email event logging: decoration, outcomes, suppressions, reports and the feed of events.",
      license: { name: "MIT", identifier: "MIT" },
    },
    security: [{ bearer: [] }],
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, described]) => [path.replaceAll(/:(\w+)/g, "{$1}"), pathItem(described)]),
    ),
    components: {
      schemas: { Error: ERROR },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "One of API_KEYS, or a client's access token." },
      },
    },
  };
}

function pathItem(routes: DescribedPaths[string]) {
  const described = Object.entries(routes).map(([method, { operation, scope }]) => [
    method.toLowerCase(),
    describeOperation(operation, scope),
  ]);
  return Object.fromEntries(described);
}

function describeOperation(operation: Operation, scope: string) {
  const { summary, description, params, query, body, answers, errors, example } = operation;
  const parameters = [...parametersOf(params, "path", example.params), ...parametersOf(query, "query", example.query)];
  const scopeText = `Takes the scope \`${scope}\`.`;
  return {
    summary,
    description: description === undefined ? scopeText : `${description}\n\n${scopeText}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body, example.body) }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)])),
      ...Object.fromEntries([...COMMON_ERRORS, ...errors].map((status) => [status, describeError(status)])),
    },
  };
}

function requestBody(schema: v.GenericSchema, example: unknown) {
  const content = { schema: toJsonSchema(schema, CONVERSION), ...(example === undefined ? {} : { example }) };
  return { required: true, content: { "application/json": content } };
}

function parametersOf(schema: v.GenericSchema | undefined, place: "path" | "query", example: unknown) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJsonSchema(schema, CONVERSION);
  const examples = new Map(Object.entries(example ?? {}));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
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

function describeError(status: number) {
  return {
    description: ERROR_DESCRIPTIONS[status] ?? "Refused",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
}

const ERROR_DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: "The request is wrong; `field` says where.",
  401: "There is no genuine API key or access token.",
  403: "The client lacks the scope.",
  404: "What is named is not there.",
  409: "It cannot be done as things are.",
  413: "The body is too large.",
  422: "Nothing of it was accepted.",
  429: "Too many calls; `Retry-After` says when to try again.",
  500: "A fault of the Worker.",
  503: "Storage is out of reach, or the Worker is not set up; try again.",
};
