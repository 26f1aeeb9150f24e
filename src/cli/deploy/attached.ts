/**
 * The domains that the account's Workers have. wrangler has no command that says so, and takes away those that its
 * configuration does not name: so its login asks Cloudflare's API ("Workers Domains", List Domains).
 */
import * as v from "valibot";
import { readPrintedJson } from "../wrangler/printed-json.ts";
import { type Wrangler, WranglerFailure } from "../wrangler/wrangler.ts";

const AttachedDomain = v.object({
  hostname: v.string(),
  /** The name of the Worker. */
  service: v.string(),
  /** As somebody has set it in the dashboard. */
  enabled: v.optional(v.boolean()),
  previews_enabled: v.optional(v.boolean()),
});
export type AttachedDomain = v.InferOutput<typeof AttachedDomain>;

const Login = v.variant("type", [
  v.object({ type: v.picklist(["oauth", "api_token"]), token: v.string() }),
  v.object({ type: v.literal("api_key"), key: v.string(), email: v.string() }),
]);
const Answer = v.object({
  result: v.nullish(v.array(AttachedDomain)),
  errors: v.optional(v.array(v.object({ code: v.number(), message: v.string() })), []),
});

const CALL_MS = 30_000;

/** @throws {WranglerFailure} with the API's words, also where it does not answer */
export async function listAttached(wrangler: Wrangler, accountId: string): Promise<readonly AttachedDomain[]> {
  const { stdout } = await wrangler.run(["auth", "token", "--json"]);
  const login = readPrintedJson(Login, stdout);
  const headers =
    login.type === "api_key"
      ? { "X-Auth-Email": login.email, "X-Auth-Key": login.key }
      : { Authorization: `Bearer ${login.token}` };
  const text = await read(`${apiOrigin()}/accounts/${accountId}/workers/domains`, headers);
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), Answer), text);
  const { result, errors } = answer.success ? answer.output : { result: undefined, errors: [] };
  if (result != null) return result;
  const [error] = errors;
  throw new WranglerFailure(error?.message ?? `Cloudflare's API answered ${text.slice(0, 200)}`, error?.code, text);
}

async function read(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(CALL_MS) });
    return await answer.text();
  } catch (error) {
    throw new WranglerFailure(`fetch failed${proxyHint()}`, undefined, String(error));
  }
}

/** wrangler reads HTTPS_PROXY itself; Node does with NODE_USE_ENV_PROXY=1. */
function proxyHint(): string {
  const { HTTPS_PROXY, https_proxy: lower = HTTPS_PROXY, NODE_USE_ENV_PROXY } = process.env;
  return lower === undefined || NODE_USE_ENV_PROXY === "1"
    ? ""
    : " (behind a proxy, set NODE_USE_ENV_PROXY=1: Node 22.21 and 24 know it)";
}

/** As wrangler finds it. */
function apiOrigin(): string {
  const region = process.env.CLOUDFLARE_COMPLIANCE_REGION === "fedramp_high" ? ".fed" : "";
  return process.env.CLOUDFLARE_API_BASE_URL ?? `https://api${region}.cloudflare.com/client/v4`;
}
