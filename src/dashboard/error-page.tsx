/** What went wrong while a page was made, as a page: the rest of the Worker answers in text or JSON. */
import type { MiddlewareHandler } from "hono";
import { ApiError } from "../http/errors.ts";
import { Notice } from "../web/components/content.tsx";
import { plainPage } from "./plain-page.tsx";

export const errorsAsPages: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  await next();
  const { error } = context;
  if (error === undefined) return;
  const isKnown = error instanceof ApiError;
  const message = isKnown ? error.message : "It is in the Worker’s log.";
  const title = isKnown && error.status === 503 ? "Out of reach just now" : "Something went wrong here";
  const { pathname, search } = new URL(context.req.url);
  const again = context.req.method === "GET" ? <a href={pathname + search}>Try again</a> : <a href="/app">Overview</a>;
  const body = (
    <>
      <Notice kind="problem">{message}</Notice>
      <p>{again}</p>
    </>
  );
  const answer = plainPage(title, body, context.res.status);
  const retryAfter = context.res.headers.get("Retry-After");
  if (retryAfter !== null) answer.headers.set("Retry-After", retryAfter);
  // Not the header fields of the answer that it replaces.
  context.res = undefined;
  context.res = answer;
};
