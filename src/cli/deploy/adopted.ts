/** A Worker that was deployed in another way, and what of its configuration waxseal.json takes over. */
import { type RunningWorker, variableOf } from "./account.ts";
import { type Answers, checkAnswers, faultOfAnswer } from "./answers.ts";
import type { PackedConfig } from "./config.ts";
import type { Deploy } from "./steps.ts";

/** Fields of waxseal.json stand for them, and the environment is always production. */
const NOT_TAKEN = new Set(["ENVIRONMENT", "JURISDICTION", "SENDER_NAME", "TRACKING_ORIGIN"]);
const HTTPS = "https://";

/** The answers, with the domain of the version that runs, and with its variables where they do not say others. */
export function adopted({ answers, say }: Deploy, packed: PackedConfig, running: RunningWorker): Answers {
  const variables = Object.fromEntries(
    Object.entries(packed.vars).flatMap(([name, byDefault]) => {
      const value = variableOf(running, name);
      const isTaken = value !== undefined && value !== byDefault && !NOT_TAKEN.has(name);
      return isTaken && answers.variables?.[name] === undefined ? [[name, value] as const] : [];
    }),
  );
  const origin = variableOf(running, "TRACKING_ORIGIN") ?? "";
  const host = origin.startsWith(HTTPS) ? origin.slice(HTTPS.length) : "";
  const hasDomain = host !== "" && faultOfAnswer("trackingDomain", host) === undefined;
  const taken = [...(hasDomain ? [`the domain ${host}`] : []), ...Object.keys(variables)];
  if (taken.length > 0) say(`Taken over from the version that runs, into waxseal.json: ${taken.join(", ")}.`);
  return checkAnswers({
    ...answers,
    ...(hasDomain
      ? { trackingDomain: answers.trackingDomain ?? host, domains: [host, ...(answers.domains ?? [])] }
      : {}),
    ...(taken.length === 0 ? {} : { variables: { ...variables, ...answers.variables } }),
  });
}
