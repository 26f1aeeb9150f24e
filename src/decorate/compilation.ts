/** What the HTML and the text of one email share while it is compiled. */
import type { LinkDecision } from "./classify-link.ts";
import type { CopiedTokens } from "./copied-tokens.ts";
import type { LinkRegister } from "./links.ts";
import { DecorateError, type PixelPosition, type UnsubscribeOffer } from "./options.ts";
import { type Edit, type Fill, UNSUBSCRIBE } from "./part.ts";
import type { Placeholders } from "./placeholder.ts";
import type { UrlTemplate } from "./url-template.ts";
import { type VariableRange, variablesIn } from "./variables.ts";
import { type Warning, warning } from "./warning.ts";

export interface Compilation {
  /** Counts forged ones while parts are compiled. */
  readonly copiedTokens: CopiedTokens;
  readonly origin: string;
  readonly placeholders: Placeholders;
  readonly register: LinkRegister;
  readonly honeypotLink: boolean;
  readonly pixel: PixelPosition;
  readonly unsubscribe: UnsubscribeOffer;
  /** Whether `{{name}}` is filled. */
  readonly hasVariables: boolean;
  /** How often each variable is filled in: grows while parts are compiled. */
  readonly variableCounts: Map<string, number>;
  /** Grows while parts are compiled. */
  readonly warnings: Warning[];
  /** The addresses of other copies. */
  readonly copied: string[];
  /** Whether the email has HTML, whose markers say which links opt out. */
  readonly hasHtml: boolean;
  /** Plain addresses in the text of another copy, each of which may have opted out there. */
  readonly untracked: string[];
  /** The addresses of links that opt out in the HTML, as `samePage` writes them. */
  readonly optedOut: Set<string>;
}

function filledBy({ fill }: UrlTemplate, written: (url: string) => string): Fill {
  return (values) => written(fill(values));
}

/** The variables of a part, counted; none without the option. @throws {DecorateError} naming the part */
export function countVariables(
  source: string,
  kind: "html" | "text",
  { hasVariables, placeholders, variableCounts }: Compilation,
): readonly VariableRange[] {
  const variables = hasVariables ? variablesIn(source, kind, placeholders) : [];
  for (const { name } of variables) variableCounts.set(name, (variableCounts.get(name) ?? 0) + 1);
  return variables;
}

/**
 * The edit of an unsubscribe placeholder.
 * @throws {DecorateError} naming `unsubscribe` when the email offers none
 */
export function unsubscribeEdit(range: Omit<Edit, "slot" | "instead">, { unsubscribe }: Compilation): Edit {
  if (unsubscribe === "list") return { ...range, slot: UNSUBSCRIBE };
  throw new DecorateError("unsubscribe", 'is "none", but the email holds a placeholder for an unsubscribe link');
}

/** An address of a part, and what is to become of it. */
export interface DecidedAddress {
  /** Where it is in the source. */
  readonly range: Omit<Edit, "slot" | "instead">;
  readonly decision: LinkDecision;
  /** What a warning names. */
  readonly address: string;
  /** A URL as the part writes it. */
  readonly written: (url: string) => string;
  /** The link's name. */
  readonly name?: string | undefined;
}

/** The edit of an address; `undefined` when the address stays. Adds a warning where the decision has one. */
export function addressEdit(
  { range, decision, address, written, name }: DecidedAddress,
  compilation: Compilation,
): Edit | undefined {
  const { register, warnings, copied } = compilation;
  if (decision.copied !== undefined) copied.push(address);
  const undecorated = decision.copied === undefined ? undefined : { ...range, instead: written(decision.copied) };
  switch (decision.kind) {
    case "unsubscribe":
      // Another copy's link never stays: it would unsubscribe somebody else.
      return decision.copied === undefined ? unsubscribeEdit(range, compilation) : { ...range, slot: UNSUBSCRIBE };
    case "remove":
      return range;
    case "leave":
      if (decision.warning !== undefined) warnings.push(warning(decision.warning, address));
      return undecorated;
    case "link": {
      const { template } = decision;
      const slot = register.add(decision.url, name, template);
      const filled = template === undefined ? {} : { fill: filledBy(template, written) };
      if (slot !== undefined) return { ...range, ...undecorated, ...filled, slot };
      warnings.push(warning("too_long", address));
      return undecorated;
    }
  }
}
