/** Routes: a path's handlers by method. Every other method is answered with 405 and `Allow` (RFC 9110 §15.5.6). */
import type { Context, Hono } from "hono";
import { PROTECTION } from "./answers.ts";
import { failureAnswer, isApiPath } from "./errors.ts";

export type Handler = (context: Context<{ Bindings: Env }>) => Response | Promise<Response>;

/** A path's handlers; the one for GET answers HEAD, too. */
export type Handlers = Readonly<Partial<Record<"GET" | "POST" | "PATCH" | "DELETE", Handler>>>;

/** Adds a path. Its 405 is JSON on `/v1`, otherwise plain text. */
export function addRoute(app: Hono<{ Bindings: Env }>, path: string, handlers: Handlers): void {
  const methods = Object.entries(handlers);
  for (const [method, handler] of methods) app.on(method, path, handler);
  const allowed = allowedMethods(Object.keys(handlers));
  app.all(path, (context) => {
    if (isApiPath(path)) return methodNotAllowed(context, allowed);
    const headers = { ...PROTECTION, Allow: allowed };
    return new Response("This address does not take that method.\n", { status: 405, headers });
  });
}

/** The value of `Allow`: what answers GET answers HEAD, too. */
export function allowedMethods(methods: readonly string[]): string {
  return methods.map((method) => (method === "GET" ? "GET, HEAD" : method)).join(", ");
}

/** 405 of `/v1`. */
export function methodNotAllowed(context: Context, Allow: string): Response {
  return failureAnswer(
    context,
    { status: 405, code: "method_not_allowed", message: `This path takes ${Allow}.` },
    { Allow },
  );
}
