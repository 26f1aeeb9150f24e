/** What was filled into a form that `/v1` refused, and why, for the form's fields when it is shown again. */
import type { RefusedForm } from "./visit.ts";

/** What stood in a field. */
export function fieldOf(refused: RefusedForm | undefined, name: string): string | undefined {
  return refused?.fields.get(name) ?? undefined;
}

/** Why it was refused, if the wrong field is one of these, by the names of the API. */
export function problemAt(refused: RefusedForm | undefined, ...names: readonly string[]): string | undefined {
  if (refused?.field === undefined) return undefined;
  const [first = ""] = refused.field.split(".");
  return names.includes(first) ? refused.message : undefined;
}
