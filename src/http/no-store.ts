import type { MiddlewareHandler } from "hono";

/** Adds `Cache-Control: no-store` to every answer that has no `Cache-Control`. */
export const noStore: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
};
