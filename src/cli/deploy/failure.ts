/** wrangler's failures in sentences: what is wrong, and what to do next. */
import { CommandError } from "../command-error.ts";
import { Interrupted } from "../wrangler/interruptible.ts";
import { WranglerFailure } from "../wrangler/wrangler.ts";

export const AGAIN = "Nothing has to be undone: run it again, and it goes on where it stopped.";

/** Permissions that a token needs, as the dashboard names them. */
const PERMISSIONS =
  "Workers Scripts: Edit, D1: Edit, Queues: Edit, Workers R2 Storage: Edit, Account Settings: Read; for a domain of " +
  "your own Workers Routes: Edit and DNS: Edit";

const RIGHT = "Nothing has to be undone: run it again when that is right, and it goes on where it stopped.";
const ELSEWHERE = `Does another deploy of this name run elsewhere? Wait for its end. ${AGAIN}`;

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
  [7502, ["The database is there, though it was not a moment ago.", ELSEWHERE]],
  [10004, ["A bucket is there, though it was not a moment ago.", ELSEWHERE]],
  [11009, ["A queue is there, though it was not a moment ago.", ELSEWHERE]],
  [10034, ["The account's e-mail address is not verified.", "Verify it in Cloudflare's dashboard, and run it again."]],
  [10063, ["The account has no workers.dev subdomain.", "Open Workers once in Cloudflare's dashboard: it makes one."]],
]);
/** A database, a bucket, a queue: an answer that was lost may have said that it is made. */
const ALREADY_THERE = new Set([7502, 10004, 11009]);
/** 9109 and 10000: unauthorized; 10001 and 10023: no permission. */
const FORBIDDEN = new Set([9109, 10000, 10001, 10023]);
const NO_NETWORK = /fetch failed|ECONNRE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|socket hang up|other side closed|network/i;

/** npx writes so when it finds no package, or no network. */
const OF_NPM = /^npm (?:error|ERR!) /m;

/** What a deploy makes in the account. */
export interface Making {
  /** "the bucket waxseal-archive" */
  readonly words: string;
  /** By which wrangler names what it has made. */
  readonly binding?: string;
}

/** @param perhaps what was being made when Cloudflare did not answer */
export function madeSoFar(made: readonly string[], perhaps: readonly string[] = []): string {
  if (made.length === 0 && perhaps.length === 0) return "Nothing was made.";
  return [
    ...(made.length === 0 ? [] : [`Made so far: ${made.join(", ")}.`]),
    ...(perhaps.length === 0 ? [] : [`Perhaps made: ${perhaps.join(", ")}.`]),
  ].join("\n");
}

/**
 * The error that the command ends with.
 * @param doing what was tried: "migrating the database"
 * @param made what the account has now that it had not, in words
 * @param makes what was being made
 */
export function explained(error: unknown, doing: string, made: readonly string[], makes: readonly Making[]): unknown {
  if (error instanceof Interrupted) {
    const what = madeSoFar(
      made,
      makes.map(({ words }) => words),
    );
    return new CommandError(`When ${doing}: ${error.message}\n${what}`, AGAIN, error.exitCode);
  }
  if (!(error instanceof WranglerFailure)) return error;
  const [what, next] = meaning(error);
  const done = madeBefore(error.output, makes);
  const open =
    error.code === undefined || ALREADY_THERE.has(error.code) ? makes.filter(({ words }) => !done.includes(words)) : [];
  const words = madeSoFar(
    [...made, ...done],
    open.map((making) => making.words),
  );
  return new CommandError(`When ${doing}: ${what}\n${words}`, next);
}

const PROVISIONED = /^✨ (\w+) provisioned/gm;
const UPLOADED = /^Uploaded /m;
/** A row of the table that it prints after each migration. */
const MIGRATED = /^│ ([\w.-]+\.sql)\s+│ ✅/gm;

/** What wrangler had made when it failed; the Worker's domain, schedule and queues come after its upload. */
function madeBefore(output: string, makes: readonly Making[]): readonly string[] {
  const bindings = [...output.matchAll(PROVISIONED)].map(([, binding]) => binding);
  const migrations = new Set([...output.matchAll(MIGRATED)].map(([, name]) => `the tables of ${name}`));
  return [
    ...migrations,
    ...makes.filter(({ binding }) => binding !== undefined && bindings.includes(binding)).map(({ words }) => words),
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
  if (code === undefined) return [`${firstLine(message)}.`, RIGHT];
  return [`${firstLine(message)} (code ${code}).`, RIGHT];
}

/** The last sentence that npm writes without a code. */
function npmsWords(output: string): string {
  const said = [...output.matchAll(/^npm (?:error|ERR!) (?!code|errno|syscall|A complete log|\s)(.+)$/gm)];
  return firstLine(said[0]?.[1] ?? "it failed");
}

function firstLine(message: string): string {
  return (message.trim().split("\n")[0] ?? "").replace(/[.]$/, "");
}
