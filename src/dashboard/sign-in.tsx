/**
 * Signing in to the dashboard and out of it. Guarantees that what was tried is neither in an answer nor in the
 * Worker's log, and that attempts are limited by network, as those of `/v1` are.
 */
import type { Context } from "hono";
import { checkSecret } from "../access/clients.ts";
import { SCOPES, type Scope } from "../access/scope.ts";
import { beginSession, endSession, endSessionsOf, keyHolder, type SessionHolder } from "../access/sessions.ts";
import { readForm } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { mayFailAgain, mayLogIn } from "../http/rate-limit.ts";
import { logger } from "../platform/logger.ts";
import { ownValue } from "../platform/own-value.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { nextPage } from "./next-page.ts";
import { plainPage } from "./plain-page.tsx";
import { SignInForms, type SignInProblem, type SignInView } from "./sign-in-page.tsx";
import {
  deleteSessionCookie,
  findSessions,
  findSignedIn,
  type NotSignedIn,
  sessionCookie,
  setSessionCookie,
} from "./viewer.ts";
import { type DashboardHost, developersKeyOf } from "./visit.ts";

type SignInContext = Context<{ Bindings: Env }>;

/** The length of a client's id, which is a UUID. */
const MAX_ID_LENGTH = 36;

/** What the sign-in page says after somebody has signed out, by its parameter `out`. */
const NOTICES: Readonly<Record<string, string>> = {
  here: "You are signed out.",
  everywhere: "You are signed out, here and everywhere else.",
};

/**
 * GET / on a developer's machine: signs in with the machine's key, and leads to "Try it". Everybody who reaches the
 * machine could do so by the page to sign in, where the key is filled in. There is no such page elsewhere.
 */
export async function signInDeveloper(context: SignInContext): Promise<Response> {
  const { development, apiKeys } = configured(context.env);
  const holder = keyHolder(context.env, apiKeys[0] ?? "");
  if (!development || holder === undefined) return context.notFound();
  if (!(await findSignedIn(context)).ok) await begin(context, { holder, scopes: SCOPES });
  return context.redirect("/app/try", 303);
}

/** GET /app/sign-in?next=/app/… */
export async function showSignIn(context: SignInContext, host: DashboardHost): Promise<Response> {
  const next = nextPage(context.req.query("next"));
  const found = await findSignedIn(context);
  if (found.ok) return context.redirect(next, 303);
  // Whoever has just signed out knows that the session is over, and wants to know which.
  const notice =
    ownValue(NOTICES, context.req.query("out") ?? "") ??
    (found.reason === "over" ? "Your session is over." : undefined);
  const view = { next, ...(notice === undefined ? {} : { notice }) };
  const answer = signInPage(context, host, view, 200, found.reason);
  // Browsers send the cookie with no request that begins on another site, as by a link in a mail. From here they do.
  if (isFromElsewhere(context)) answer.headers.set("Refresh", `0;url=/app/sign-in?next=${encodeURIComponent(next)}`);
  return answer;
}

/** Whether another site has led here, so that a cookie that is not sent may be there all the same. */
function isFromElsewhere(context: SignInContext): boolean {
  const site = context.req.header("Sec-Fetch-Site");
  return sessionCookie(context) === undefined && (site === "cross-site" || site === "same-site");
}

/** POST /app/sign-in, with a form that has `key`, or `client` and `secret`, and `next`. */
export async function signIn(context: SignInContext, host: DashboardHost): Promise<Response> {
  const form = (await readForm(context.req)) ?? new URLSearchParams();
  const next = nextPage(form.get("next"));
  const client = form.get("client")?.trim();
  const named = client === undefined ? {} : { client };
  const granted = await grantOf(context, form, client);
  if (!granted.ok) {
    const { status, ...problem } = granted.reason;
    return signInPage(context, host, { next, problem, ...named }, status);
  }
  await begin(context, granted.value);
  return context.redirect(next, 303);
}

async function begin(context: SignInContext, { holder, scopes }: Grant): Promise<void> {
  const token = await orStorageUnavailable("The session could not be stored", () =>
    beginSession(context.env, holder, scopes, Date.now()),
  );
  setSessionCookie(context, token);
}

interface Grant {
  readonly holder: SessionHolder;
  readonly scopes: readonly Scope[];
}

/** Why nobody is signed in, with the status to answer. */
type SignInRefusal = SignInProblem & { readonly status: 400 | 403 | 429 };

const TOO_OFTEN: SignInRefusal = { status: 429, message: "That was too often; try again in a minute." };

async function grantOf(
  context: SignInContext,
  form: URLSearchParams,
  client: string | undefined,
): Promise<Result<Grant, SignInRefusal>> {
  const key = form.get("key")?.trim();
  const secret = form.get("secret")?.trim();
  if (client !== undefined && secret !== undefined) return await clientGrant(context, client, secret);
  if (key === undefined) return refused({ status: 400, message: "The form has neither an API key nor a client." });
  const holder = keyHolder(context.env, key);
  if (holder !== undefined) return ok({ holder, scopes: SCOPES });
  return await refuse(context, "wrong_key", {
    status: 403,
    message: "This is no API key of this Worker.",
    field: "key",
  });
}

async function clientGrant(
  context: SignInContext,
  client: string,
  secret: string,
): Promise<Result<Grant, SignInRefusal>> {
  // Before D1 is read.
  if (!(await mayLogIn(context, client.slice(0, MAX_ID_LENGTH)))) return refused(TOO_OFTEN);
  const scopes = await orStorageUnavailable("The client could not be looked up", () =>
    checkSecret(context.env.DB, client, secret),
  );
  if (scopes.ok) return ok({ holder: { kind: "client", holder: client }, scopes: scopes.value });
  const message = "There is no client with this id and this secret.";
  return await refuse(context, scopes.reason, { status: 403, message, field: "secret" });
}

/** Says in the log that a login failed, and nothing of what was tried. */
async function refuse(
  context: SignInContext,
  reason: "wrong_key" | "unknown_client" | "wrong_secret",
  refusal: SignInRefusal,
): Promise<Result<Grant, SignInRefusal>> {
  if (!(await mayFailAgain(context))) return refused(TOO_OFTEN);
  logger.warn("nobody was signed in", { reason });
  return refused(refusal);
}

/** POST /app/sign-out: ends this session. */
export function signOut(context: SignInContext): Promise<Response> {
  return signedOut(context, "here");
}

/**
 * POST /app/sign-out-everywhere: ends all sessions of the same key, client or user; of a key or a client and of the
 * user of Cloudflare Access, where the request has both.
 */
export function signOutEverywhere(context: SignInContext): Promise<Response> {
  return signedOut(context, "everywhere");
}

async function signedOut(context: SignInContext, out: "here" | "everywhere"): Promise<Response> {
  // Reads the body, because workerd closes the connection of a browser that is still sending.
  await readForm(context.req);
  const { DB } = context.env;
  const unavailable = "The session could not be ended";
  if (out === "everywhere") {
    const sessions = await findSessions(context);
    await orStorageUnavailable(unavailable, () => endSessionsOf(DB, sessions, Date.now()));
  } else {
    const found = await findSignedIn(context);
    if (found.ok) await orStorageUnavailable(unavailable, () => endSession(DB, found.value.session, Date.now()));
  }
  deleteSessionCookie(context);
  return context.redirect(`/app/sign-in?out=${out}`, 303);
}

/** @param reason why nobody is signed in; after a form was refused, what matters is why that was */
function signInPage(
  context: SignInContext,
  host: DashboardHost,
  view: SignInView,
  status = 200,
  reason: NotSignedIn = "nobody",
): Response {
  const { cloudflareAccess } = configured(context.env);
  const developmentKey = developersKeyOf(context.env, host);
  const shown = {
    ...view,
    ...(developmentKey === undefined ? {} : { developmentKey }),
    ...(cloudflareAccess === undefined ? {} : { access: { team: new URL(cloudflareAccess.teamOrigin).host, reason } }),
  };
  const answer = plainPage("Sign in", <SignInForms {...shown} />, status);
  if (status === 429) answer.headers.set("Retry-After", "60");
  return answer;
}
