/** The routes that nobody needs to be signed in for. */
import type { Hono } from "hono";
import { limitedForm } from "../http/body.ts";
import { addRoute } from "../http/routes.ts";
import { chooseZone } from "./choose-zone.ts";
import { errorsAsPages } from "./error-page.tsx";
import { ownFormsOnly } from "./own-forms.tsx";
import { showSignIn, signIn, signInDeveloper, signOut, signOutEverywhere } from "./sign-in.tsx";
import type { DashboardHost } from "./visit.ts";

/** Adds them, and the check that forms of /app come from its own pages: before the other routes of /app. */
export function addSignIn(app: Hono<{ Bindings: Env }>, host: DashboardHost): void {
  app.use("/app/*", errorsAsPages, ownFormsOnly);
  for (const path of ["/app/sign-in", "/app/sign-out", "/app/sign-out-everywhere", "/app/zone"])
    app.post(path, limitedForm);
  addRoute(app, "/app/sign-in", {
    GET: (context) => showSignIn(context, host),
    POST: (context) => signIn(context, host),
  });
  addRoute(app, "/app/sign-out", { POST: signOut });
  addRoute(app, "/app/sign-out-everywhere", { POST: signOutEverywhere });
  addRoute(app, "/app/zone", { POST: chooseZone });
}

/** The address that `npm run dev` prints. */
export function addDeveloperSignIn(app: Hono<{ Bindings: Env }>): void {
  app.get("/", errorsAsPages, signInDeveloper);
}
