/**
 * Whose bounce it is. A token names one send to one person, a report may name many addresses, and anybody can write either. So:
 *
 * 1. One address: it is theirs, since each copy was made for one person.
 * 2. Several, and the returned mail was addressed (To) to one of them and nobody else: it is that one.
 * 3. Several, and nobody can tell which: what holds of all, never category 2. Where one of them was reached, nothing.
 *
 * An address that the mail only came to by an alias or a forward ("Original-Recipient", "expanded from") says nothing final of the
 * one that was mailed: one member of a list may be gone. Category 2 becomes 9 there.
 */
import type { Bounce, Outcome } from "../outcome.ts";
import { isSameAddress, isSameMailbox } from "./address.ts";
import type { Finding } from "./finding.ts";

export interface Attributed {
  readonly outcome: Outcome;
  /** What tells this occurrence from others of the same mail: the addresses that it speaks of. */
  readonly recipients: string;
}

/** Undefined: the report says nothing that could be told of one person. `to` is whom the returned mail was addressed to. */
export function attributed(findings: readonly Finding[], to: readonly string[]): Attributed | undefined {
  const [first] = findings;
  if (first === undefined) return undefined;
  const only = distinct(findings) ? theirs(findings, to) : first;
  if (only !== undefined) return { outcome: outcomeOf(only), recipients: only.recipient.toLowerCase() };
  const outcome = ofAll(findings);
  const recipients = findings.map(({ recipient }) => recipient.toLowerCase()).join(" ");
  return outcome === undefined ? undefined : { outcome, recipients };
}

const mailedOf = ({ mailed, recipient }: Finding) => mailed ?? recipient;

const distinct = ([first, ...others]: readonly Finding[]) =>
  first !== undefined && others.some((each) => !isSameAddress(mailedOf(each), mailedOf(first)));

function theirs(findings: readonly Finding[], to: readonly string[]): Finding | undefined {
  const [person, ...others] = to;
  if (person === undefined || others.some((other) => !isSameAddress(other, person))) return undefined;
  return findings.find((finding) => isSameAddress(mailedOf(finding), person));
}

function outcomeOf({ action, bounce, recipient, mailed }: Finding): Outcome {
  if (action === "complained" || action === "delivered") return { type: action };
  if (action === "delayed") return { type: "deferred" };
  const said: Bounce = bounce ?? { category: 9 };
  const passedOn = mailed !== undefined && !isSameMailbox(mailed, recipient);
  return { type: "bounced", bounce: passedOn && said.category === 2 ? { ...said, category: 9 } : said };
}

function ofAll(findings: readonly Finding[]): Outcome | undefined {
  const outcomes = findings.map(outcomeOf);
  const bounces = outcomes.flatMap((outcome) => (outcome.type === "bounced" ? [outcome.bounce] : []));
  const [first] = bounces;
  if (first === undefined || bounces.length < outcomes.length) return undefined;
  const same = first.category !== 2 && bounces.every(({ category }) => category === first.category);
  return { type: "bounced", bounce: same ? first : { ...first, category: 9 } };
}
