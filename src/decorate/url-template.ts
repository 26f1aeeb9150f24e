/** A link's address with variables in it. A value is percent-encoded, but at the beginning, which it then decides. */
import type { Fill, VariableValues } from "./part.ts";
import { inAddress, VARIABLE } from "./variables.ts";

export interface UrlTemplate {
  /** Without spaces in braces: the same however it is written. */
  readonly text: string;
  /** An address like those that it makes. */
  readonly sample: string;
  /** The names of its variables, in their order; at least one. */
  readonly names: readonly [string, ...string[]];
  readonly fill: Fill;
}

/** Undefined for an address without a variable. */
export function urlTemplate(address: string): UrlTemplate | undefined {
  const parts = address.split(VARIABLE);
  const [first, ...names] = parts.filter((_, index) => index % 2 === 1);
  if (first === undefined) return undefined;
  const startsFilled = parts[0] === "";
  const fillName = (name: string, index: number): Fill =>
    startsFilled && index === 1 ? (values) => values.get(name) ?? "" : inAddress(name);
  const fills = parts.map((part, index): Fill => (index % 2 === 1 ? fillName(part, index) : () => part));
  const sample = parts.map((part, index) => (startsFilled && index === 1 ? `https://${part}` : part)).join("");
  return {
    text: parts.map((part, index) => (index % 2 === 1 ? `{{${part}}}` : part)).join(""),
    sample,
    names: [first, ...names],
    fill: (values: VariableValues) => fills.map((fill) => fill(values)).join(""),
  };
}
