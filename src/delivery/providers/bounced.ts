/** The outcome of a bounce, from what a provider says about it. */
import { type Classification, classify, enhancedStatusOf } from "../classify.ts";
import { type BounceCategory, CATEGORY, type Outcome } from "../outcome.ts";
import { readPartOf } from "../reply-limit.ts";

/** What the provider says about a bounce. */
export interface BounceFacts {
  readonly subcategory?: string | undefined;
  /** Enhanced status code. When the provider gives none, the one in `details` counts. */
  readonly status?: string | undefined;
  readonly replyCode?: string | undefined;
  /** What the recipient's server said. */
  readonly details?: string | undefined;
  /** The provider's own sentence about the kind of bounce, logged where the server's words are missing. */
  readonly prose?: string | undefined;
}

/** A kind of bounce that says nothing exact, and its category where the server's words are unclear, too. */
const CATEGORY_OF_KIND = {
  /** Not 2 (invalid recipient), because that never ends. */
  permanent: CATEGORY.blocked,
  temporary: CATEGORY.unclear,
  /** Tried until it was too old: each failure was temporary. */
  expired: CATEGORY.temporary,
  /** Defined by the provider as an address where nobody can be reached. */
  invalid_recipient: CATEGORY.invalidRecipient,
} as const satisfies Record<string, BounceCategory>;
/** An exact reason. Never an invalid recipient: that is a kind, since the server's words may contradict it. */
type Reason = Exclude<BounceCategory, typeof CATEGORY.invalidRecipient>;
export type BounceKind = Reason | keyof typeof CATEGORY_OF_KIND;

/** A bounce as its provider tells it, before it is classified. */
interface ProviderBounce {
  readonly type: "providerBounce";
  /** The category where the provider names the exact reason; else its kind, and the server's words decide. */
  readonly kind: BounceKind;
  readonly facts: BounceFacts;
}
/** What a provider's event means. */
export type ProviderOutcome = Outcome | ProviderBounce;

export const bounced = (kind: BounceKind, facts: BounceFacts): ProviderBounce => ({
  type: "providerBounce",
  kind,
  facts,
});

/** @param recipient whoever was mailed: a server's words may name somebody else */
export function outcomeFor(recipient: string | undefined, outcome: ProviderOutcome): Outcome {
  if (outcome.type !== "providerBounce") return outcome;
  const { kind, facts } = outcome;
  const { subcategory, replyCode, details, prose } = facts;
  const read = readPartOf(details);
  // Providers put other words there, too.
  const given = /^[245]\.\d{1,3}\.\d{1,3}$/.exec(facts.status ?? "")?.[0];
  const status = enhancedStatusOf(given, read.details);
  const category =
    typeof kind === "number" ? kind : categoryOfKind(kind, classify({ status, replyCode, recipient, ...read }));
  return { type: "bounced", bounce: { category, subcategory, status, details: details ?? prose } };
}

function categoryOfKind(
  kind: keyof typeof CATEGORY_OF_KIND,
  { category, isContradicted }: Classification,
): BounceCategory {
  const isTemporary = kind === "temporary" || kind === "expired";
  const isUnclear = category === CATEGORY.unclear || (isTemporary && category === CATEGORY.invalidRecipient);
  if (!isUnclear) return category;
  // The provider's word does not outweigh a server that says something else.
  return kind === "invalid_recipient" && isContradicted ? category : CATEGORY_OF_KIND[kind];
}
