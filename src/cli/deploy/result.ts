/** The end of a deploy that went well: what it says, and what commands remember. */
import { CommandError } from "../command-error.ts";
import { docsPage, packageJson } from "../package-json.ts";
import { readProfiles, writeProfiles } from "../profiles.ts";
import { apiKeyIn } from "./keys-file.ts";
import type { Deploy, Upload } from "./steps.ts";

export interface DeployEnd {
  /** What to do when it is not right after all. */
  readonly next: string;
  /** Whether no version ran before: from here on commands are to ask this Worker when none is named. */
  readonly isFirst: boolean;
  /** Otherwise the API key of the first deploy may have been revoked since. */
  readonly hasNewKey: boolean | undefined;
}

export async function showResult(work: Deploy, { origin, versionId }: Upload, result: DeployEnd): Promise<void> {
  const { trackingDomain } = work.answers;
  const profile = await rememberOrSay(work, origin, result);
  const address = trackingDomain === undefined ? origin : `https://${trackingDomain}`;
  const status = profile === undefined ? "npx waxseal status" : `npx waxseal status --profile ${profile}`;
  const lines = [
    `Waxseal ${packageJson.version} runs: ${address} (version ${versionId})`,
    ...(trackingDomain === undefined ? [] : [`Until that domain is everywhere, it answers at ${origin}, too.`]),
    "",
    "Next:",
    ...[
      [status, profile === undefined ? 'its health, after "npx waxseal login"' : "its health"],
      [`${address}/app`, "the dashboard; sign in with the API key"],
      [docsPage("send.md"), "a first email"],
    ].map(([what = "", why = ""]) => `  ${what.padEnd(40)} ${why}`),
    ...(result.isFirst ? [] : ["", result.next]),
  ];
  console.log(lines.join("\n"));
}

/** The Worker runs, whatever is wrong with the file of profiles. */
async function rememberOrSay(work: Deploy, origin: string, result: DeployEnd): Promise<string | undefined> {
  try {
    return await remember(work, origin, result);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    work.say(`${error.message} ${error.next}`);
    return undefined;
  }
}

/**
 * Commands know the Worker as after `waxseal login`: by its name, or where another one has that name already, by its
 * host.
 * @returns what they know it by; undefined: its API key is not known here
 */
async function remember(
  { folder, answers: { name } }: Deploy,
  origin: string,
  { isFirst, hasNewKey }: DeployEnd,
): Promise<string | undefined> {
  const { current, profiles } = await readProfiles();
  const isFree = profiles[name] === undefined || profiles[name].origin === origin;
  const profile = isFree ? name : new URL(origin).host;
  const before = profiles[profile]?.apiKey;
  const apiKey = hasNewKey === true || before === undefined ? await apiKeyIn(folder) : before;
  if (apiKey === undefined) return undefined;
  const next = isFirst || current === undefined ? profile : current;
  await writeProfiles({ current: next, profiles: { ...profiles, [profile]: { origin, apiKey } } });
  return profile;
}
