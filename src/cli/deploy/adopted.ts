/** A Worker that was deployed in another way, and what of its configuration waxseal.json takes over. */
import { type RunningWorker, trackingDomainOf, variableOf } from "./account.ts";
import { type Answers, checkAnswers } from "./answers.ts";
import type { PackedConfig } from "./config.ts";
import type { Deploy } from "./steps.ts";

/** Fields of waxseal.json take their place, and the environment is always production. */
const NOT_TAKEN = new Set(["ENVIRONMENT", "JURISDICTION", "SENDER_NAME", "TRACKING_ORIGIN"]);

/**
 * The answers, with the domain of the version that runs, and with its variables where they do not say others.
 * @param given the domain of the options, which may be empty: no domain; undefined: they do not say
 */
export function adopted(
  { answers, say }: Deploy,
  packed: PackedConfig,
  running: RunningWorker,
  given: string | undefined,
): Answers {
  const variables = Object.fromEntries(
    Object.entries(packed.vars).flatMap(([name, byDefault]) => {
      const value = variableOf(running, name);
      const isTaken = value !== undefined && value !== byDefault && !NOT_TAKEN.has(name);
      return isTaken && answers.variables?.[name] === undefined ? [[name, value] as const] : [];
    }),
  );
  const domain = trackingDomainOf(running);
  const taken = [...(domain === undefined ? [] : [`the domain ${domain}`]), ...Object.keys(variables)];
  if (taken.length > 0) say(`Taken over from the version that runs, into waxseal.json: ${taken.join(", ")}.`);
  return checkAnswers({
    ...answers,
    ...(domain === undefined
      ? {}
      : {
          ...(given === undefined ? { trackingDomain: answers.trackingDomain ?? domain } : {}),
          domains: [domain, ...(answers.domains ?? [])],
        }),
    ...(taken.length === 0 ? {} : { variables: { ...variables, ...answers.variables } }),
  });
}
