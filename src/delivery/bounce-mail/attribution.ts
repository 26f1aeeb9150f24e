/**
 * The one outcome of a bounce mail. A token names one send to one person, but a report may name many addresses, and
 * a stranger can write both. So:
 *
 * 1. One address: the outcome is its outcome, since each copy was made for one person.
 * 2. Several, and the returned mail has exactly one of them in To: the outcome of that address.
 * 3. Several, and no single one in To: the outcome that all have in common, never an invalid recipient. None when
 *    one of them was reached.
 *
 * The failure of an address that the mail reached by an alias or a forward ("Original-Recipient", "expanded from")
 * does not make the mailed address invalid: one member of a list may not exist. "Invalid recipient" becomes "unclear"
 * there.
 */
import { isSameAddress, isSameMailbox } from "../address.ts";
import { type Bounce, CATEGORY, type Outcome } from "../outcome.ts";
import type { Finding } from "./finding.ts";
import type { ReturnedMail } from "./returned-mail.ts";

export interface AttributedOutcome {
  readonly outcome: Outcome;
  /** The addresses that the outcome is about, which distinguish it from others of the same mail. */
  readonly recipients: string;
}

/** Undefined when the report gives no outcome for one person. */
export function attribute(
  findings: readonly Finding[],
  { to }: Pick<ReturnedMail, "to">,
): AttributedOutcome | undefined {
  const [first] = findings;
  if (first === undefined) return undefined;
  const only = hasSeveralAddresses(findings) ? findingOfOnly(to, findings) : first;
  if (only !== undefined) return { outcome: outcomeOf(only), recipients: only.recipient.toLowerCase() };
  const outcome = ofAll(findings.map(outcomeOf));
  const recipients = findings.map(({ recipient }) => recipient.toLowerCase()).join(" ");
  return outcome === undefined ? undefined : { outcome, recipients };
}

const mailedOf = ({ mailed, recipient }: Finding) => mailed ?? recipient;

const hasSeveralAddresses = ([first, ...others]: readonly Finding[]) =>
  first !== undefined && others.some((each) => !isSameAddress(mailedOf(each), mailedOf(first)));

function findingOfOnly(to: readonly string[], findings: readonly Finding[]): Finding | undefined {
  const [person, ...others] = to;
  if (person === undefined || others.some((other) => !isSameAddress(other, person))) return undefined;
  return findings.find((finding) => isSameAddress(mailedOf(finding), person));
}

function outcomeOf({ action, bounce, recipient, mailed }: Finding): Outcome {
  if (action === "complained" || action === "delivered") return { type: action };
  if (action === "delayed") return { type: "deferred" };
  const reported: Bounce = bounce ?? { category: CATEGORY.unclear };
  const wasForwarded = mailed !== undefined && !isSameMailbox(mailed, recipient);
  const isUnclear = wasForwarded && reported.category === CATEGORY.invalidRecipient;
  return { type: "bounced", bounce: isUnclear ? { ...reported, category: CATEGORY.unclear } : reported };
}

function ofAll(outcomes: readonly Outcome[]): Outcome | undefined {
  const bounces = outcomes.flatMap((outcome) => (outcome.type === "bounced" ? [outcome.bounce] : []));
  const [first] = bounces;
  if (first === undefined || bounces.length < outcomes.length) return undefined;
  const isSame = bounces.every(({ category }) => category === first.category);
  const isCommon = isSame && first.category !== CATEGORY.invalidRecipient;
  return { type: "bounced", bounce: isCommon ? first : { ...first, category: CATEGORY.unclear } };
}
