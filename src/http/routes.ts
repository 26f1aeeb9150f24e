/** Routes: a path's handlers by method. Every other method is answered with 405 and `Allow` (RFC 9110 §15.5.6). */
import type { Context, Hono } from "hono";
import { failureAnswer } from "./errors.ts";

export type Handler = (context: Context<{ Bindings: Env }>) => Response | Promise<Response>;

/** A handler for GET answers HEAD, too. */
export interface Handlers {
  readonly GET?: Handler;
  readonly POST?: Handler;
  readonly DELETE?: Handler;
}

/** Adds a path that people open: 405 is plain text. */
export function addPage(app: Hono<{ Bindings: Env }>, path: string, handlers: Handlers): void {
  addRoute(app, path, handlers, pageMethodNotAllowed);
}

/** Adds a path of `/v1`: 405 is JSON. */
export function addApi(app: Hono<{ Bindings: Env }>, path: string, handlers: Handlers): void {
  addRoute(app, path, handlers, apiMethodNotAllowed);
}

function addRoute(
  app: Hono<{ Bindings: Env }>,
  path: string,
  { GET, POST, DELETE }: Handlers,
  methodNotAllowed: (allow: string) => Response,
): void {
  if (GET !== undefined) app.get(path, GET);
  if (POST !== undefined) app.post(path, POST);
  if (DELETE !== undefined) app.delete(path, DELETE);
  const allow = [
    ...(GET === undefined ? [] : ["GET", "HEAD"]),
    ...(POST === undefined ? [] : ["POST"]),
    ...(DELETE === undefined ? [] : ["DELETE"]),
  ];
  app.all(path, () => methodNotAllowed(allow.join(", ")));
}

function pageMethodNotAllowed(allow: string): Response {
  return new Response("This address does not take that method.\n", {
    status: 405,
    headers: { Allow: allow, "Cache-Control": "no-store" },
  });
}

function apiMethodNotAllowed(allow: string): Response {
  const message = `This path takes ${allow}.`;
  return failureAnswer({ status: 405, code: "method_not_allowed", message }, { Allow: allow });
}
