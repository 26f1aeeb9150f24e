/** wrangler's failures in sentences: what is wrong, and what to do next. */
import { CommandError } from "../command-error.ts";
import { Interrupted } from "../wrangler/interruptible.ts";
import { WranglerFailure } from "../wrangler/wrangler.ts";

const AGAIN = "Nothing has to be undone: run it again, and it goes on where it stopped.";

/** Permissions that a token needs, as the dashboard names them. */
const PERMISSIONS =
  "Workers Scripts: Edit, D1: Edit, Queues: Edit, Workers R2 Storage: Edit, Account Settings: Read; for a domain of " +
  "your own Workers Routes: Edit and DNS: Edit";

/** Codes of Cloudflare's API. */
const BY_CODE: ReadonlyMap<number, readonly [what: string, next: string]> = new Map([
  [
    10085,
    [
      "The account has no R2, or the token may not use it: wrangler made no bucket.",
      "Enable it in Cloudflare's dashboard (R2 Object Storage), and give the token Workers R2 Storage: Edit.",
    ],
  ],
  [10042, ["The account has no R2.", "Enable it in Cloudflare's dashboard (R2 Object Storage), and run it again."]],
  [7502, ["The name of the database is taken.", "Choose another name, in a folder of its own."]],
  [11009, ["The name of a queue is taken.", "Choose another name, in a folder of its own."]],
  [10034, ["The account's e-mail address is not verified.", "Verify it in Cloudflare's dashboard, and run it again."]],
  [10063, ["The account has no workers.dev subdomain.", "Open Workers once in Cloudflare's dashboard: it makes one."]],
]);
/** 9109 and 10000: unauthorized; 10001 and 10023: no permission. */
const FORBIDDEN = new Set([9109, 10000, 10001, 10023]);
const NO_NETWORK = /fetch failed|ECONNRE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|socket hang up|other side closed|network/i;

/** npx writes so when it finds no package, or no network. */
const OF_NPM = /^npm (?:error|ERR!) /m;

/**
 * The error that the command ends with.
 * @param doing what was tried: "migrating the database"
 * @param made what the account has now that it had not
 */
export function explained(error: unknown, doing: string, made: readonly string[]): unknown {
  if (error instanceof Interrupted)
    return new CommandError(`When ${doing}: ${error.message}\n${madeSoFar(made)}`, AGAIN, error.exitCode);
  if (!(error instanceof WranglerFailure)) return error;
  const [what, next] = meaning(error);
  return new CommandError(`When ${doing}: ${what}\n${madeSoFar([...made, ...madeBefore(error.output)])}`, next);
}

function madeSoFar(made: readonly string[]): string {
  return made.length === 0 ? "Nothing was made." : `Made so far: ${made.join(", ")}.`;
}

const PROVISIONED = /^✨ (\w+) provisioned/gm;
const UPLOADED = /^Uploaded /m;

/** What wrangler had made when it failed: resources, by their bindings, and the version; its triggers come after it. */
function madeBefore(output: string): readonly string[] {
  const resources = [...output.matchAll(PROVISIONED)].map(([, binding = ""]) => binding);
  return [
    ...resources,
    ...(UPLOADED.test(output) ? ["the Worker, perhaps without its domain, schedule or queues"] : []),
  ];
}

function meaning({ code, message, output }: WranglerFailure): readonly [what: string, next: string] {
  const known = code === undefined ? undefined : BY_CODE.get(code);
  if (known !== undefined) return [`${known[0]} (${message}, code ${code})`, known[1]];
  if (code !== undefined && FORBIDDEN.has(code))
    return [`Cloudflare refused the token: ${message} (code ${code}).`, `It needs: ${PERMISSIONS}. ${AGAIN}`];
  if (code === undefined && OF_NPM.test(output))
    return [`npm could not fetch wrangler: ${npmsWords(output)}.`, `Install it here (npm install wrangler). ${AGAIN}`];
  if (code === undefined && NO_NETWORK.test(output))
    return [`Cloudflare was out of reach: ${firstLine(message)}.`, AGAIN];
  return [`${firstLine(message)}${code === undefined ? "" : ` (code ${code})`}.`, AGAIN];
}

/** The last sentence that npm writes without a code. */
function npmsWords(output: string): string {
  const said = [...output.matchAll(/^npm (?:error|ERR!) (?!code|errno|syscall|A complete log|\s)(.+)$/gm)];
  return firstLine(said[0]?.[1] ?? "it failed");
}

function firstLine(message: string): string {
  return (message.trim().split("\n")[0] ?? "").replace(/[.]$/, "");
}
