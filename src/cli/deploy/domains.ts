/**
 * The domains that a deploy gives the Worker. Links in sent emails lead to all that it has had: guarantees that none is
 * taken away that nobody named, and that none of another Worker's or another server's is taken.
 */
import { CommandError, usageError } from "../command-error.ts";
import { ANSWERS_FILE, type Answers } from "./answers.ts";
import { type AttachedDomain, listAttached } from "./attached.ts";
import { domainsOf } from "./config.ts";
import { isInUse } from "./dns.ts";
import { type Deploy, step } from "./steps.ts";

export interface DomainOptions {
  /** Takes domains that lead elsewhere. */
  readonly takeDomain?: boolean;
  /** A domain that the Worker is to have no longer. */
  readonly removeDomain?: string;
}

export interface SettledDomains {
  /** All that the Worker is to have. */
  readonly all: readonly AttachedDomain[];
  /** Those of them that it has not yet. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const NONE: SettledDomains = { all: [], added: [], removed: [] };

/** Asks the account where there may be some. @throws {CommandError} for a domain that leads elsewhere */
export async function settleDomains(
  work: Deploy & { readonly accountId: string },
  isRunning: boolean,
  { takeDomain = false, removeDomain }: DomainOptions,
): Promise<SettledDomains> {
  const { answers, say } = work;
  if (!isRunning && domainsOf(answers).length === 0 && removeDomain === undefined) return NONE;
  const attached = await step(work, "looking at the account's domains", () =>
    listAttached(work.wrangler, work.accountId),
  );
  const own = attached.filter(({ service }) => service === answers.name);
  const ownNames = own.map(({ hostname }) => hostname);
  const wanted = domainsOf(without(answers, ownNames, removeDomain));
  if (!takeDomain) await checkFree(wanted, answers.name, attached);
  const staying = own.filter(({ hostname }) => hostname !== removeDomain && !wanted.includes(hostname));
  for (const { hostname } of staying)
    say(`It keeps the domain ${hostname}, to which links in sent emails may lead; --remove-domain takes it away.`);
  const known = (hostname: string) => own.find((each) => each.hostname === hostname);
  return {
    all: [...wanted.map((hostname) => known(hostname) ?? { hostname, service: answers.name }), ...staying],
    added: wanted.filter((hostname) => !ownNames.includes(hostname)),
    removed: ownNames.filter((hostname) => hostname === removeDomain),
  };
}

function without(answers: Answers, own: readonly string[], removed: string | undefined): Answers {
  if (removed === undefined) return answers;
  const known = [...new Set([...domainsOf(answers), ...own])];
  if (!known.includes(removed))
    throw usageError(`--remove-domain: ${answers.name} has no domain ${removed}.`, `It has: ${known.join(", ")}.`);
  const { domains: _domains, ...others } = answers;
  const rest = { ...others, domains: (answers.domains ?? []).filter((domain) => domain !== removed) };
  if (domainsOf(rest).includes(removed))
    throw usageError(
      `--remove-domain: new links lead to ${removed}.`,
      `Choose another one by --domain, or in TRACKING_ORIGINS of ${ANSWERS_FILE}, first.`,
    );
  // wrangler leaves the domains alone where its configuration names none.
  if (own.length === 1 && own[0] === removed && domainsOf(rest).length === 0)
    throw usageError(
      `--remove-domain: ${removed} is the only domain.`,
      `Take it out of "domains" in ${ANSWERS_FILE}, and remove it in Cloudflare's dashboard (the Worker's Domains).`,
    );
  return rest;
}

/** @throws {CommandError} for a domain that is another Worker's, or that has DNS records of others */
async function checkFree(wanted: readonly string[], name: string, attached: readonly AttachedDomain[]): Promise<void> {
  for (const domain of wanted) {
    const { service } = attached.find(({ hostname }) => hostname === domain) ?? {};
    if (service === name) continue;
    if (service !== undefined)
      throw new CommandError(
        `${domain} is a domain of the Worker ${service}, which a deploy would take it from.`,
        `Choose another name, or say --take-domain if links to ${service} are to lead here.`,
      );
    if (!(await isInUse(domain))) continue;
    throw usageError(
      `${domain} has DNS records already, which a deploy would replace.`,
      "Choose a name that is free, or say --take-domain if it is meant for this Worker.",
    );
  }
}
