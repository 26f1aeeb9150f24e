/**
 * The API's client for JavaScript: every operation of /v1 with its types, which are made from the OpenAPI document.
 * Runs wherever there is `fetch`. Answers are not checked against their types.
 */
import createFetchClient, { type Client, type ClientOptions as FetchOptions } from "openapi-fetch";
import type { components, paths } from "./api-types.ts";

/** The forms of requests and answers, by name: `Schemas["Retry"]`. */
export type Schemas = components["schemas"];

/** A method for each HTTP method, which takes a path of /v1 and answers `{data, error, response}`. */
export type WaxsealClient = Client<paths, "application/json">;

/** What `createClient` takes. `fetch` replaces the global one, `headers` go with each request. */
export interface WaxsealOptions extends Pick<FetchOptions, "fetch" | "headers"> {
  /** Where the Worker answers, like "https://t.example.com". */
  readonly origin: string;
  /** One of its API_KEYS, or a client's access token. */
  readonly apiKey: string;
}

/**
 * A client of one Worker. Each call answers `{data, error, response}`; `data` is undefined when the Worker refused.
 * What is not JSON takes `parseAs`: "text" for CSV, "stream" for the lines of a batch.
 *
 * @param options which Worker, and the key that it is asked with
 *
 * @example
 * const waxseal = createClient({ origin: "https://t.example.com", apiKey });
 * const { data, error } = await waxseal.GET("/v1/retries", { params: { query: { limit: 10 } } });
 */
export function createClient({ origin, apiKey, headers, ...options }: WaxsealOptions): WaxsealClient {
  const authorization = { Authorization: `Bearer ${apiKey}` };
  return createFetchClient<paths, "application/json">({
    ...options,
    baseUrl: origin,
    headers: { ...authorization, ...headers },
  });
}

/** Where a page of a list begins; empty for the first one. */
export interface PageQuery {
  /** The `next` of the page before. */
  readonly cursor?: string;
}

/** A page of a list, as /v1 answers it. */
export interface ListPage<Entry> {
  readonly data: readonly Entry[];
  /** The `cursor` of the next page; missing at the end of a list that ends. */
  readonly next?: string;
}

/** Thrown by `entries` when the Worker refuses. */
export class ApiRefusal extends Error {
  /** What it answered: `{error: {code, message, field?, requestId}}`. */
  readonly answer: unknown;

  constructor(answer: unknown) {
    super(`The Worker refused: ${JSON.stringify(answer)}`);
    this.name = "ApiRefusal";
    this.answer = answer;
  }
}

/**
 * The entries of all pages of a list. Of one that grows, such as retries: those that are there now.
 * @param page asks for a page
 * @throws {ApiRefusal}
 *
 * @example
 * const retries = entries((query) => waxseal.GET("/v1/retries", { params: { query } }));
 * for await (const retry of retries) console.log(retry.id);
 */
export async function* entries<Entry>(
  page: (query: PageQuery) => Promise<{ readonly data?: ListPage<Entry>; readonly error?: unknown }>,
): AsyncGenerator<Entry, void, undefined> {
  let query: PageQuery = {};
  for (;;) {
    const { data, error } = await page(query);
    if (data === undefined) throw new ApiRefusal(error);
    yield* data.data;
    if (data.next === undefined || data.next === query.cursor) return;
    query = { cursor: data.next };
  }
}
