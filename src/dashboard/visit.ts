/** A visit of a page of the dashboard: who sees it, at which address, and how it asks `/v1`. */
import type { Context } from "hono";
import { vouchFor } from "../access/own-requests.ts";
import { createClient, type WaxsealClient } from "../client/index.ts";
import { configured } from "../http/configured.ts";
import { type KeptText, keptForPage } from "./shown-once.ts";
import type { Viewer } from "./viewer.ts";
import { zoneOf } from "./zone.ts";

export type DashboardContext = Context<{ Bindings: Env }>;

/** The Worker's own routes, called in process. */
type InProcessFetch = (
  request: Request,
  env: Env,
  execution: DashboardContext["executionCtx"],
) => Response | Promise<Response>;

/** The Worker that the dashboard is in. */
export interface DashboardHost {
  readonly fetchInProcess: InProcessFetch;
  /** Whether it has pages of a developer's machine: a deploy has none, whatever ENVIRONMENT says. */
  readonly hasDevelopmentPages: boolean;
}

export interface Visit {
  readonly viewer: Viewer;
  readonly url: URL;
  /** The parameters of the page's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Where the viewer is, like "Europe/Paris": times are shown and days begin there. */
  readonly zone: string;
  /** Whether anybody has said so; it is UTC otherwise. */
  readonly isZoneKnown: boolean;
  /** `/v1` with the viewer's scopes. Give its answers to `answered`. */
  readonly api: WaxsealClient;
  /** `/v1` for what is passed on as it is, such as CSV. */
  readonly fetchApi: (path: string) => Promise<Response>;
  /** What was just submitted, when it was refused: the page is shown again with it. */
  readonly refused?: RefusedForm;
  /** What the form that led here has made, to be shown this once. */
  readonly shownOnce: KeptText;
  readonly nowMs: number;
  /** On a developer's machine with "Try it": its API key. Undefined elsewhere. */
  readonly developersKey: string | undefined;
}

export interface RefusedForm {
  readonly fields: URLSearchParams;
  readonly message: string;
  /** The path of the wrong field in the API's terms: "person.id". */
  readonly field?: string;
}

/** Thrown when `/v1` refuses what a page asks of it; the frame of the pages says why. */
export class ApiTrouble extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(status: number, { code, message, field }: ApiProblem) {
    super(message);
    this.name = "ApiTrouble";
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/**
 * What is shown beside a field that `/v1` refuses, without the field's name in the API's terms:
 * "address: must be an address" → "Must be an address".
 */
export function problemBeside({
  message,
  field,
}: {
  readonly message: string;
  readonly field?: string | undefined;
}): string {
  const isNamed = field !== undefined && (message.startsWith(`${field}: `) || message.startsWith(`${field} `));
  const text = isNamed ? message.slice(field.length).replace(/^:? /, "") : message;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface ApiProblem {
  readonly code: string;
  readonly message: string;
  readonly field?: string | undefined;
}

interface ApiAnswer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * What `/v1` answered.
 * @throws {ApiTrouble} when it refused
 *
 * @example
 * const { data } = await answered(visit.api.GET("/v1/reports/emails", { params: { query: { limit: 50 } } }));
 */
export async function answered<Data>(answer: Promise<ApiAnswer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await answer;
  if (data !== undefined && data !== null) return data;
  throw new ApiTrouble(response.status, problemOf(error));
}

/** For `/v1`: the part of a list that the page's address is of. */
export function pageQuery({ searchParams }: URL, limit: number): { readonly limit: number; readonly cursor?: string } {
  const cursor = searchParams.get("cursor");
  return { limit, ...(cursor === null ? {} : { cursor }) };
}

export function problemOf(error: unknown): ApiProblem {
  if (typeof error === "object" && error !== null && "error" in error) {
    const problem = error.error;
    if (typeof problem === "object" && problem !== null && "code" in problem && "message" in problem) {
      const field = "field" in problem && typeof problem.field === "string" ? problem.field : undefined;
      return { code: String(problem.code), message: String(problem.message), field };
    }
  }
  return { code: "internal", message: "The Worker gave no answer that this page can read." };
}

/** The machine's API key, which pages of a developer's machine may show; undefined on every other Worker. */
export function developersKeyOf(env: Env, { hasDevelopmentPages }: DashboardHost): string | undefined {
  const { development, apiKeys } = configured(env);
  return hasDevelopmentPages && development ? apiKeys[0] : undefined;
}

/** The visit of a request by somebody who is signed in. */
export function visitOf(context: DashboardContext, viewer: Viewer, host: DashboardHost): Visit {
  const url = new URL(context.req.url);
  const zone = zoneOf(context);
  const call = (request: Request) => {
    vouchFor(request, viewer.session);
    return Promise.resolve(host.fetchInProcess(request, context.env, context.executionCtx));
  };
  const headers = { Authorization: `Bearer ${viewer.token}` };
  return {
    viewer,
    url,
    params: context.req.param(),
    zone: zone.name,
    isZoneKnown: zone.isKnown,
    api: createClient({ origin: url.origin, apiKey: viewer.token, fetch: call }),
    fetchApi: (path) => call(new Request(new URL(path, url), { headers })),
    shownOnce: keptForPage(context, viewer),
    nowMs: Date.now(),
    developersKey: developersKeyOf(context.env, host),
  };
}
