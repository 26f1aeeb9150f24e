/** What the parts of one email share while it is compiled, and how a verdict on an address becomes a slot or a warning. */
import type { Verdict } from "./destination.ts";
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

/** The slot that takes the place of an address, or `undefined` when it stays. `address` is what a warning names. */
export function slotOf(
  verdict: Verdict,
  address: string,
  { register, warnings }: Compilation,
): number | undefined {
  if (verdict.kind === "unsubscribe") return UNSUBSCRIBE;
  if (verdict.kind === "leave") {
    if (verdict.warning !== undefined) warnings.push(warning(verdict.warning, address));
    return undefined;
  }
  const slot = register.add(verdict.url);
  if (slot === undefined) warnings.push(warning("too_long", address));
  return slot;
}
