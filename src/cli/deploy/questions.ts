/** The questions of `waxseal deploy`: only for what neither options nor waxseal.json say, and never twice. */
import { askForAnswer, canAsk } from "../ask.ts";
import { usageError } from "../command-error.ts";
import { type Answers, checkAnswers, faultOfAnswer } from "./answers.ts";

export interface GivenAnswers {
  readonly name?: string;
  readonly sender?: string;
  readonly domain?: string;
  readonly jurisdiction?: string;
}

const DEFAULT_NAME = "waxseal";

/** @param known what waxseal.json says */
export async function completeAnswers(given: GivenAnswers, known: Answers | undefined): Promise<Answers> {
  checkGiven(given);
  if (known !== undefined) return withGiven(known, given);
  const name = given.name ?? (await ask("name", "A name for the Worker?", DEFAULT_NAME));
  const senderName = given.sender ?? (await ask("senderName", "Your name, as recipients know you?", undefined));
  const domain =
    given.domain ??
    (await ask("trackingDomain", "The domain of links, one of your zones' on Cloudflare (empty: workers.dev)?", ""));
  const trackingDomain = hostOf(domain);
  return checkAnswers({
    name,
    senderName,
    ...(trackingDomain === "" ? {} : { trackingDomain }),
    ...(given.jurisdiction === undefined ? {} : { jurisdiction: given.jurisdiction }),
  });
}

/** Before anything is asked. @throws {CommandError} naming the option that is wrong */
function checkGiven({ name, sender, domain }: GivenAnswers): void {
  const faults = [
    ["--name", name === undefined ? undefined : faultOfAnswer("name", name)],
    ["--sender", sender === undefined ? undefined : faultOfAnswer("senderName", sender)],
    ["--domain", domain === undefined ? undefined : faultOfDomain(domain)],
  ] as const;
  for (const [option, fault] of faults)
    if (fault !== undefined) throw usageError(`${option} must be ${fault}.`, "Correct it, and run it again.");
}

/** Empty is the account's workers.dev. */
function faultOfDomain(domain: string): string | undefined {
  const host = hostOf(domain);
  return host === "" ? undefined : faultOfAnswer("trackingDomain", host);
}

/** The answers with those given now: once a Worker was uploaded, its name and jurisdiction stay. */
function withGiven(known: Answers, { name, sender, domain, jurisdiction }: GivenAnswers): Answers {
  if (known.origin !== undefined) checkStaying(known, name, jurisdiction);
  const { trackingDomain: _domain, ...others } = known;
  const trackingDomain = domain === undefined ? known.trackingDomain : hostOf(domain);
  return checkAnswers({
    ...others,
    ...(name === undefined ? {} : { name }),
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
    ...(sender === undefined ? {} : { senderName: sender }),
    ...(trackingDomain === undefined || trackingDomain === "" ? {} : { trackingDomain }),
  });
}

/** @throws {CommandError} for another name or jurisdiction than those that are deployed */
function checkStaying(known: Answers, name = known.name, jurisdiction: string | undefined = known.jurisdiction): void {
  if (name !== known.name)
    throw usageError(`This folder deploys ${known.name}.`, "Deploy another Worker from a folder of its own.");
  if (jurisdiction === known.jurisdiction) return;
  const where = known.jurisdiction === undefined ? "without a jurisdiction" : `in ${known.jurisdiction}`;
  throw usageError(
    `${known.name} was deployed ${where}.`,
    "What is stored stays where it is: deploy another Worker, under another name, from a folder of its own.",
  );
}

/** "https://T.example.com/" is meant as "t.example.com". */
function hostOf(domain: string): string {
  return domain
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "");
}

async function ask(
  field: "name" | "senderName" | "trackingDomain",
  question: string,
  byDefault: string | undefined,
): Promise<string> {
  if (!canAsk()) {
    if (byDefault !== undefined) return byDefault;
    throw usageError(question, 'Give it by --sender "Maison Lavande".');
  }
  return await askForAnswer(question, {
    byDefault,
    faultOf: (answer) => {
      const fault = field === "trackingDomain" ? faultOfDomain(answer) : faultOfAnswer(field, answer);
      return fault === undefined ? undefined : `It must be ${fault}.`;
    },
  });
}
