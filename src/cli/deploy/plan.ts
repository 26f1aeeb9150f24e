/** What a deploy does, in words, from what it found: printed by a dry run. */
import { packageJson } from "../package-json.ts";
import { runningAddress } from "./account.ts";
import { type PackedConfig, variablesOf } from "./config.ts";
import type { Inventory } from "./inventory.ts";
import { KEYS_FILE, type KeySource } from "./keys-file.ts";
import { inWords } from "./resources.ts";

/** A sentence for each variable of the version that runs which gets another value, or which the new one has not. */
export function changedVariables(packed: PackedConfig, { answers, running }: Inventory): readonly string[] {
  if (running === undefined) return [];
  const next = variablesOf(packed, answers);
  return running.bindings.flatMap(({ name, text: before }) => {
    const after = next[name];
    if (before === undefined || before === after) return [];
    // What it was may be a secret by now.
    if (after === undefined)
      return [`${name} goes: this version has no such variable. As a secret: npx wrangler secret put ${name}.`];
    return [`${name} becomes ${JSON.stringify(after)}; it was ${JSON.stringify(before)}.`];
  });
}

const KEYS_FROM: Readonly<Record<KeySource["from"], string>> = {
  environment: "take from the environment",
  file: `take from ${KEYS_FILE}`,
  nowhere: "make",
};

export function showPlan(folder: string, packed: PackedConfig, inventory: Inventory): void {
  const { answers, running, missing, keys, domains } = inventory;
  const { name, jurisdiction, origin } = answers;
  const where = jurisdiction === undefined ? "" : ` (${jurisdiction})`;
  const steps = [
    ...missing.map((resource) => `make ${inWords(resource)}${where}`),
    ...(keys === undefined ? [] : [`${KEYS_FROM[keys.source.from]} ${keys.names.join(" and ")}, and upload them`]),
    ...(running === undefined
      ? ["make the tables", `upload Waxseal ${packageJson.version} as ${name}`]
      : [
          `make the tables that are new, ${askedBy(runningAddress(running, origin))}`,
          `upload Waxseal ${packageJson.version} in place of version ${running.versionId}`,
        ]),
    ...domains.added.map((domain) => `give it the domain ${domain}`),
    ...domains.removed.map((domain) => `take the domain ${domain} away`),
    "ask /healthz",
  ];
  console.log(`In ${folder}, a deploy would:`);
  for (const step of steps) console.log(`  - ${step}`);
  for (const change of changedVariables(packed, inventory)) console.log(change);
  console.log("Nothing was done.");
}

const askedBy = (address: ReturnType<typeof runningAddress>) =>
  address === undefined
    ? "without asking the version that runs, whose address is not known here, whether it is healthy with them"
    : `and ask the version that runs, at ${address}, whether it is healthy with them`;
