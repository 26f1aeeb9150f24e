/** What the HTML and the text of one email share while it is compiled. */
import type { TokenKeys } from "../tokens/keys.ts";
import type { LinkDecision } from "./classify-link.ts";
import type { LinkRegister } from "./links.ts";
import type { PixelPosition } from "./options.ts";
import { type Edit, UNSUBSCRIBE } from "./part.ts";
import type { Placeholders } from "./placeholder.ts";
import { type Warning, warning } from "./warning.ts";

export interface Compilation {
  readonly keys: TokenKeys;
  readonly origin: string;
  readonly placeholders: Placeholders;
  readonly register: LinkRegister;
  readonly honeypotLink: boolean;
  readonly pixel: PixelPosition;
  /** Grows while parts are compiled. */
  readonly warnings: Warning[];
  /** The addresses of other copies. */
  readonly copied: string[];
  /** Of links that opt out in the HTML, as `samePage` writes them. */
  readonly optedOut: Set<string>;
}

/**
 * The edit of an address; `undefined` when the address stays. Adds a warning where the decision has one.
 * @param range where it is in the source
 * @param address what a warning names
 * @param written a URL as the part writes it
 */
export function addressEdit(
  range: Omit<Edit, "slot" | "instead">,
  decision: LinkDecision,
  address: string,
  { register, warnings, copied }: Compilation,
  written: (url: string) => string,
): Edit | undefined {
  if (decision.copied !== undefined) copied.push(address);
  const undecorated = decision.copied === undefined ? undefined : { ...range, instead: written(decision.copied) };
  switch (decision.kind) {
    case "unsubscribe":
      return { ...range, slot: UNSUBSCRIBE };
    case "remove":
      return range;
    case "leave":
      if (decision.warning !== undefined) warnings.push(warning(decision.warning, address));
      return undecorated;
    case "link": {
      const slot = register.add(decision.url);
      if (slot !== undefined) return { ...range, ...undecorated, slot };
      warnings.push(warning("too_long", address));
      return undecorated;
    }
  }
}
