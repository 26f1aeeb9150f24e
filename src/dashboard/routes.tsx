/**
 * The routes of /app: each page of `PAGES`, its forms, what can be downloaded, and its files. Guarantees that nobody
 * sees a page without its scope, that a form of another site does nothing, and that a refusal of `/v1` is a page that
 * says why.
 */
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { assetAnswer } from "../http/asset.ts";
import { readForm } from "../http/body.ts";
import { addRoute, type Handler, type Handlers } from "../http/routes.ts";
import { ownValue } from "../platform/own-value.ts";
import { answerOf, noSuchPage, troubleOf } from "./answers.tsx";
import { emailFrameAnswer } from "./click-map.tsx";
import { answerLive } from "./live.ts";
import type { DashboardPage, PageAction, ShownThere } from "./page.ts";
import { PAGES } from "./pages.ts";
import { personFile } from "./person-file.ts";
import { plainPage } from "./plain-page.tsx";
import { reportFile } from "./report-file.ts";
import { forgetKept, keepForPage } from "./shown-once.ts";
import { addSignIn } from "./sign-in-routes.ts";
import { findViewer } from "./viewer.ts";
import { ApiTrouble, type DashboardContext, type DashboardHost, type Visit, visitOf } from "./visit.ts";

const MAX_FORM_BYTES = 16 * 1024;

/**
 * Adds the dashboard, whose pages call `app` in process.
 * @param developmentPages further pages, which are there on a developer's machine only
 */
export function addDashboard(app: Hono<{ Bindings: Env }>, developmentPages: readonly DashboardPage[] = []): void {
  const host: DashboardHost = {
    fetchInProcess: (request, env, execution) => app.fetch(request, env, execution),
    hasDevelopmentPages: developmentPages.length > 0,
  };
  addSignIn(app, host);
  addRoute(app, "/app/assets/:file{[a-z.-]+}", { GET: assetFile });
  for (const page of PAGES) addPage(app, page, host);
  for (const page of developmentPages) addPage(app, page, host, true);
  addRoute(app, "/app/people/:person/export", fileRoute(host, personFile));
  addRoute(app, "/app/live", { GET: (context) => answerLive(context, host) });
  addRoute(app, "/app/emails/:email/source", fileRoute(host, emailFrameAnswer));
  // Reports as files: what `/v1` answers to this viewer.
  addRoute(app, "/app/files/reports/:name{[a-z]+[.]csv}", fileRoute(host, reportFile));
  app.all("/app/*", (context) => signedIn(context, host, (visit) => noSuchPage(visit)));
}

function addPage(
  app: Hono<{ Bindings: Env }>,
  page: DashboardPage,
  host: DashboardHost,
  isOfDevelopment = false,
): void {
  const path = `/app${page.path}`;
  const isThere = ({ developersKey }: Visit) => !isOfDevelopment || developersKey !== undefined;
  const allowed = (context: DashboardContext, answer: (visit: Visit) => Promise<Response>) =>
    signedIn(context, host, (visit) => {
      if (!isThere(visit)) return noSuchPage(visit);
      return visit.viewer.may(page.scope) ? answer(visit) : notAllowed(visit, page);
    });
  const show: Handler = (context) => allowed(context, (visit) => shown(context, page, visit));
  if (page.actions === undefined) {
    addRoute(app, path, { GET: show });
    return;
  }
  const submit: Handler = (context) => allowed(context, (visit) => submitted(context, page, visit));
  app.on("POST", path, bodyLimit({ maxSize: page.maxFormBytes ?? MAX_FORM_BYTES, onError: formTooLarge }));
  addRoute(app, path, { GET: show, POST: submit });
}

async function signedIn(
  context: DashboardContext,
  host: DashboardHost,
  answer: (visit: Visit) => Response | Promise<Response>,
): Promise<Response> {
  const viewer = await findViewer(context);
  if (viewer !== undefined) return await answer(visitOf(context, viewer, host));
  const { pathname, search } = new URL(context.req.url);
  return context.redirect(`/app/sign-in?next=${encodeURIComponent(pathname + search)}`, 303);
}

/** The answer to viewers without the page's scope: a page may say something before it asks `/v1`. */
function notAllowed(visit: Visit, { scope }: DashboardPage): Response {
  const message = `This page is for those who have the scope ${scope}.`;
  return troubleOf(visit, new ApiTrouble(403, { code: "insufficient_scope", message }));
}

async function shown(context: DashboardContext, page: DashboardPage, visit: Visit, status = 200): Promise<Response> {
  return await orTrouble(visit, async () => {
    const content = await page.show(visit);
    if (typeof content === "string") return seeOther(content);
    const answer = answerOf(visit, content, status);
    if (visit.shownOnce.isTaken) answer.headers.append("Set-Cookie", forgetKept(context));
    return answer;
  });
}

/** What `answer` returns, or a page that says why `/v1` refused. */
async function orTrouble(visit: Visit, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof ApiTrouble) return troubleOf(visit, error);
    throw error;
  }
}

async function submitted(context: DashboardContext, page: DashboardPage, visit: Visit): Promise<Response> {
  const fields = await readForm(context.req);
  const action = ownValue(page.actions ?? {}, fields?.get("action") ?? "");
  if (fields === undefined || action === undefined) return await shown(context, page, visit, 400);
  return await acted(context, page, visit, fields, action);
}

async function acted(
  context: DashboardContext,
  page: DashboardPage,
  visit: Visit,
  fields: URLSearchParams,
  action: PageAction,
): Promise<Response> {
  let outcome: `/${string}` | ShownThere;
  try {
    outcome = await action(visit, fields);
  } catch (error) {
    if (!(error instanceof ApiTrouble)) throw error;
    const { message, field, status } = error;
    if (status === 401 || status === 403) return troubleOf(visit, error);
    const refused = { fields, message, ...(field === undefined ? {} : { field }) };
    return await shown(context, page, { ...visit, refused }, status);
  }
  if (typeof outcome === "string") return seeOther(outcome);
  const answer = seeOther(outcome.path);
  answer.headers.append("Set-Cookie", keepForPage(context, visit.viewer, `/app${outcome.path}`, outcome.once));
  return answer;
}

function seeOther(path: `/${string}`): Response {
  return new Response(null, { status: 303, headers: { Location: `/app${path}` } });
}

/** A file, or a page that says why there is none. */
function fileRoute(host: DashboardHost, file: (visit: Visit) => Promise<Response>): Handlers {
  return { GET: (context) => signedIn(context, host, (visit) => orTrouble(visit, () => file(visit))) };
}

function formTooLarge(): Response {
  const body = <p>Nothing was done. Go back, and send it in smaller parts.</p>;
  return plainPage("That is more than this form takes", body, 413);
}

async function assetFile(context: DashboardContext): Promise<Response> {
  const file = await assetAnswer(context, `/app/assets/${context.req.param("file")}`, {});
  return file ?? context.text("There is nothing here.\n", 404);
}
