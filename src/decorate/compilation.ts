/** What the HTML and the text of one email share while it is compiled. */
import type { LinkDecision } from "./classify-link.ts";
import type { LinkRegister } from "./links.ts";
import { UNSUBSCRIBE } from "./part.ts";
import type { Placeholders } from "./placeholder.ts";
import { type Warning, warning } from "./warning.ts";

export interface Compilation {
  readonly origin: string;
  readonly placeholders: Placeholders;
  readonly register: LinkRegister;
  readonly honeypotLink: boolean;
  /** Grows as links are left alone. */
  readonly warnings: Warning[];
}

/**
 * The slot that replaces an address; `undefined` when the address stays, with a warning added where the decision has
 * one.
 * @param address what a warning names
 */
export function slotOf(
  decision: LinkDecision,
  address: string,
  { register, warnings }: Compilation,
): number | undefined {
  if (decision.kind === "unsubscribe") return UNSUBSCRIBE;
  if (decision.kind === "leave") {
    if (decision.warning !== undefined) warnings.push(warning(decision.warning, address));
    return undefined;
  }
  const slot = register.add(decision.url);
  if (slot === undefined) warnings.push(warning("too_long", address));
  return slot;
}
