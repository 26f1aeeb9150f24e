/**
 * waxseal.json: what an operator answered, and may change. It holds no secret. Guarantees that a key that it does not
 * know is an error, not ignored.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { errorMessage, usageError } from "../command-error.ts";

export const ANSWERS_FILE = "waxseal.json";

/** What to do when the name is somebody else's. */
export const ANOTHER_NAME = "Choose another name by --name.";

export const JURISDICTIONS = ["eu", "fedramp"] as const;

/** The names of its queues and buckets begin with it, and have at most 63 characters (limits of R2 and Queues). */
const Name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{1,46}[a-z0-9]$/, "3 to 48 small letters, digits and hyphens, no hyphen at an end"),
);
const SenderName = v.pipe(v.string(), v.trim(), v.minLength(1, "a name"), v.maxLength(100, "at most 100 characters"));
const TrackingDomain = v.pipe(
  v.string(),
  v.regex(
    /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    'a host name such as "t.example.com"',
  ),
);

const Answers = v.strictObject({
  name: Name,
  senderName: SenderName,
  trackingDomain: v.optional(TrackingDomain),
  jurisdiction: v.optional(v.picklist(JURISDICTIONS, `one of: ${JURISDICTIONS.join(", ")}`)),
  /** Found or chosen by the first deploy: the next one, and a backup, must not find another. */
  accountId: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "32 hexadecimal digits"))),
  /** All domains that the Worker has: links in sent emails lead to former ones, too. */
  domains: v.optional(v.array(TrackingDomain)),
  /** Where the Worker answers, since the first upload. A deploy checks the health of what runs there. */
  origin: v.optional(v.pipe(v.string(), v.regex(/^https:\/\/[^/]+$/, '"https://" and a host name'))),
  /** Further variables of the Worker: docs/settings.md. */
  variables: v.optional(v.record(v.string(), v.string())),
});
export type Answers = v.InferOutput<typeof Answers>;

/** What is wrong with an answer, as words behind "must be"; undefined: nothing. */
export function faultOfAnswer(field: "name" | "senderName" | "trackingDomain", value: string): string | undefined {
  const read = v.safeParse(Answers.entries[field], value);
  return read.success ? undefined : read.issues[0].message;
}

/** Undefined when there is no file. */
export async function readAnswers(folder: string): Promise<Answers | undefined> {
  const path = join(folder, ANSWERS_FILE);
  if (!existsSync(path)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw usageError(
      `${ANSWERS_FILE} cannot be read: ${errorMessage(error)}.`,
      "Correct it, or delete it to start anew.",
    );
  }
  return checkAnswers(parsed);
}

/** @throws {CommandError} naming the field that is wrong */
export function checkAnswers(given: unknown): Answers {
  const read = v.safeParse(Answers, given);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const field = v.getDotPath(issue) ?? "it";
  const isKnown = issue.expected !== "never";
  throw usageError(
    isKnown ? `${ANSWERS_FILE}: ${field} must be ${issue.message}.` : `${ANSWERS_FILE} has no field ${field}.`,
    isKnown ? "Correct it, and run it again." : 'Variables of the Worker belong in "variables".',
  );
}

/**
 * With the account that CLOUDFLARE_ACCOUNT_ID names.
 * @throws {CommandError} when it is not the one that the folder deploys to
 */
export function withAccount(answers: Answers, accountId = process.env.CLOUDFLARE_ACCOUNT_ID): Answers {
  if (accountId === undefined || accountId === "" || accountId === answers.accountId) return answers;
  if (answers.accountId !== undefined)
    throw usageError(
      `This folder deploys to the account ${answers.accountId}, but CLOUDFLARE_ACCOUNT_ID is ${accountId}.`,
      "Deploy to another account from a folder of its own.",
    );
  if (!v.is(Answers.entries.accountId, accountId))
    throw usageError(
      "CLOUDFLARE_ACCOUNT_ID must be 32 hexadecimal digits.",
      'Cloudflare\'s dashboard shows them, and so does "npx wrangler whoami".',
    );
  return { ...answers, accountId };
}

export async function writeAnswers(folder: string, answers: Answers): Promise<void> {
  await writeFile(join(folder, ANSWERS_FILE), `${JSON.stringify(answers, null, 2)}\n`);
}
