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
  gave_up: CATEGORY.temporary,
  /** Defined as "unknown user" by the provider. */
  unknown_user: CATEGORY.invalidRecipient,
} as const satisfies Record<string, BounceCategory>;
export type BounceKind = keyof typeof CATEGORY_OF_KIND;

/**
 * @param kind the category where the provider names the exact reason; else its kind, and the server's words decide
 */
export function bounced(kind: BounceCategory | BounceKind, facts: BounceFacts): Outcome {
  const { subcategory, replyCode, details, prose } = facts;
  const read = readPartOf(details);
  // Providers put other words there, too.
  const given = /^[245]\.\d{1,3}\.\d{1,3}$/.exec(facts.status ?? "")?.[0];
  const status = enhancedStatusOf(given, read.details);
  const said = classify({ status, replyCode, ...read });
  const category = typeof kind === "number" ? exactCategory(kind, said, status) : categoryOfKind(kind, said);
  return { type: "bounced", bounce: { category, subcategory, status, details: details ?? prose } };
}

/**
 * The provider's word for an invalid recipient does not outweigh a server that says something else. A reply code alone
 * ("500 unknown recipient") says nothing else.
 */
function exactCategory(given: BounceCategory, said: Classification, status = "5.0.0"): BounceCategory {
  if (given !== CATEGORY.invalidRecipient) return given;
  if (said.category === CATEGORY.technical && status === "5.0.0") return given;
  return said.category === CATEGORY.unclear && !said.isContradicted ? given : said.category;
}

function categoryOfKind(kind: BounceKind, { category, isContradicted }: Classification): BounceCategory {
  const isTemporary = kind === "temporary" || kind === "gave_up";
  const isUnclear = category === CATEGORY.unclear || (isTemporary && category === CATEGORY.invalidRecipient);
  if (!isUnclear) return category;
  return kind === "unknown_user" && isContradicted ? category : CATEGORY_OF_KIND[kind];
}
