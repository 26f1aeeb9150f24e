/**
 * Operations of `/v1`: a handler with the schemas of what it takes and answers. Guarantees that what is documented is
 * what is checked: one schema does both (openapi.ts).
 */
import type { Context } from "hono";
import type * as v from "valibot";
import { type BodyBytes, readBody, readParams, readQuery } from "./body.ts";
import type { Holds } from "./holds.ts";
import { fields } from "./schemas.ts";

export type ApiContext = Context<{ Bindings: Env }>;

/** One answer that an operation gives when all is well. */
export interface AnswerSpec {
  readonly description: string;
  /** The schema of a JSON answer; without one the answer's form is not described further. */
  readonly schema?: v.GenericSchema;
  /** Default: "application/json" */
  readonly contentType?: string;
  /** Other types of content that the request may ask for, like "text/csv". */
  readonly alsoAs?: readonly string[];
  /** What columns of a CSV hold, by their headers. Default: words, in which addresses are masked. */
  readonly csvColumns?: Readonly<Record<string, Holds>>;
  /** The operation takes every address out of it, for whoever asks: it is not masked. */
  readonly hasNoAddresses?: true;
}

/** A body that an operation reads itself. */
export interface ForeignBody {
  readonly description: string;
  readonly example: unknown;
}

/** What an operation is given, checked. */
interface Input<Params extends v.GenericSchema, Query extends v.GenericSchema, Body extends v.GenericSchema> {
  /** The parameters of the path. */
  readonly params: v.InferOutput<Params>;
  readonly query: v.InferOutput<Query>;
  readonly body: v.InferOutput<Body>;
}

interface OperationSpec<Params extends v.GenericSchema, Query extends v.GenericSchema, Body extends v.GenericSchema> {
  /** What it does, in a few words: "List suppressions". */
  readonly summary: string;
  /** More about it, in Markdown. */
  readonly description?: string;
  /** An object by the names of the path's parameters. Default: the path has none. */
  readonly params?: Params;
  /** An object of the query's parameters. Default: there are none. */
  readonly query?: Query;
  /** The schema of a JSON body. Default: no body is read. */
  readonly body?: Body;
  /** A body whose form another decides: `handle` reads it. */
  readonly foreignBody?: ForeignBody;
  /** Default: 1 MiB */
  readonly maxBodyBytes?: BodyBytes;
  /** By status. */
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  /** The statuses of its errors, besides those of every operation: 400, 401, 403, 413, 429, 500, 503. */
  readonly errors?: readonly number[];
  /** A request that works. */
  readonly example?: {
    readonly params?: v.InferInput<Params>;
    readonly query?: v.InferInput<Query>;
    readonly body?: v.InferInput<Body>;
  };
  readonly handle: (context: ApiContext, input: Input<Params, Query, Body>) => Response | Promise<Response>;
}

/** An operation, as routes and the OpenAPI document need it. */
export interface Operation {
  readonly summary: string;
  readonly description?: string | undefined;
  readonly params?: v.GenericSchema | undefined;
  readonly query?: v.GenericSchema | undefined;
  readonly body?: v.GenericSchema | undefined;
  readonly foreignBody?: ForeignBody | undefined;
  readonly maxBodyBytes?: BodyBytes | undefined;
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  readonly errors: readonly number[];
  readonly example: { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown };
  readonly handler: (context: ApiContext) => Promise<Response>;
}

const NO_FIELDS = fields({});

/**
 * Declares an operation. Its handler is called with what was checked; a wrong path, query or body is answered with 400
 * and the path of the first wrong field.
 *
 * @example
 * export const showRetry = operation({
 *   summary: "Show a retry",
 *   params: fields({ id: IdParameter }),
 *   answers: { 200: { description: "The retry", schema: Retry } },
 *   errors: [404],
 *   handle: async (context, { params }) => context.json(await readRetry(context.env.DB, params.id)),
 * });
 */
export function operation<
  Params extends v.GenericSchema = typeof NO_FIELDS,
  Query extends v.GenericSchema = typeof NO_FIELDS,
  Body extends v.GenericSchema = v.UndefinedSchema<undefined>,
>({
  handle,
  params,
  query,
  body,
  errors = [],
  example = {},
  ...described
}: OperationSpec<Params, Query, Body>): Operation {
  const handler = async (context: ApiContext): Promise<Response> =>
    await handle(context, {
      params: readParams(context, params ?? NO_FIELDS) as v.InferOutput<Params>,
      query: readQuery(context, query ?? NO_FIELDS) as v.InferOutput<Query>,
      body: (body === undefined ? undefined : await readBody(context, body)) as v.InferOutput<Body>,
    });
  return { ...described, params, query, body, errors, example, handler };
}
