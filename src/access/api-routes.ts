/**
 * The routes of `/v1`: its operations, each with the scope that a client needs. Guarantees that no operation is reached
 * without a genuine API key or access token, unless it checks a signature itself, that its answers are masked for who
 * sees no whole addresses, and that a body is refused by its size before it is read.
 */
import type { Hono, MiddlewareHandler } from "hono";
import { limitBody } from "../http/body.ts";
import { API_DOCUMENT } from "../http/docs-page.ts";
import { failureAnswer } from "../http/errors.ts";
import type { Operation } from "../http/operation.ts";
import { limitExpensiveReads, limitPageReads } from "../http/read-limit.ts";
import { addRoute, allowedMethods, methodNotAllowed } from "../http/routes.ts";
import { bearer } from "./bearer.ts";
import { maskAnswers } from "./mask-answers.ts";
import type { Scope } from "./scope.ts";

interface ApiRoute {
  readonly operation: Operation;
  /** Undefined: no key is needed. */
  readonly scope: Scope | undefined;
  /** How much of D1 it reads where that is limited: much, or a page of the log. */
  readonly reads?: "much" | "page";
  readonly writesLog?: boolean;
}

type ApiMethod = "GET" | "POST" | "PATCH" | "DELETE";

/** By path, whose parameters are written `:name`, the operations by method. */
export type ApiPaths = Readonly<Record<string, Readonly<Partial<Record<ApiMethod, ApiRoute>>>>>;

const withScope =
  (scope: Scope | undefined) =>
  (operation: Operation): ApiRoute => ({ operation, scope });

/** For clients that read the log. */
export const read = withScope("read");
/** For clients that send mail. */
export const send = withScope("send");
/** For clients that administer. */
export const admin = withScope("admin");
/** For others, who need no key: the operation checks a signature of their own. */
export const signed = withScope(undefined);

/** It reads much of D1: few of these run at once. */
export function expensive(route: ApiRoute): ApiRoute {
  return { ...route, reads: "much" };
}

/** It reads a page of the log: some of these run at once. */
export function paged(route: ApiRoute): ApiRoute {
  return { ...route, reads: "page" };
}

/** It writes to the log: whoever waits for that is woken behind its answer. */
export function writesLog(route: ApiRoute): ApiRoute {
  return { ...route, writesLog: true };
}

/**
 * Adds all of `/v1`, the document that describes it, and the document's page.
 * @param wake what wakes those who wait for the log, around an operation that `writesLog`
 */
export function addApi(
  app: Hono<{ Bindings: Env }>,
  paths: ApiPaths,
  wake: MiddlewareHandler<{ Bindings: Env }>,
): void {
  const limits = { much: limitExpensiveReads(), page: [limitPageReads()] };
  for (const [path, routes] of Object.entries(paths)) {
    for (const [method, { operation, scope, reads, writesLog: isWriter }] of Object.entries(routes)) {
      const key = scope === undefined ? [] : [bearer(scope), maskAnswers(operation)];
      const checks = [...key, limitBody(operation.maxBodyBytes), ...(reads === undefined ? [] : limits[reads])];
      app.on([method], [path], ...checks, ...(isWriter === true ? [wake] : []), operation.handler);
    }
    const allowed = allowedMethods(Object.keys(routes));
    const needsKey = Object.values(routes).some(({ scope }) => scope !== undefined);
    const key = needsKey ? [bearer()] : [];
    app.on(["ALL"], [path], ...key, limitBody(), (context) => methodNotAllowed(context, allowed));
  }
  for (const [path, handlers] of Object.entries(API_DOCUMENT)) addRoute(app, path, handlers);
  app.all("/v1/*", bearer(), limitBody(), (context) =>
    failureAnswer(context, { status: 404, code: "not_found", message: "There is no such path on /v1." }),
  );
}
