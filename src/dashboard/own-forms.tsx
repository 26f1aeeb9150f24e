/** Forms of other sites are refused: by `Sec-Fetch-Site`, and by `Origin` where a browser does not send that. */
import type { MiddlewareHandler } from "hono";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { plainPage } from "./plain-page.tsx";

const check = csrf();

export const ownFormsOnly: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  let isOwn = false;
  try {
    await check(context, async () => {
      isOwn = true;
    });
  } catch (error) {
    if (!(error instanceof HTTPException)) throw error;
  }
  if (isOwn) return await next();
  const body = <p>The form was not sent from a page of this Worker, so nothing was done.</p>;
  return plainPage("This form is not ours", body, 403);
};
