/**
 * A random pseudonym for a person in the events that stay: `~erased-` or `~expired-` and a UUID. Nothing leads from it
 * to the person.
 */
export function newPseudonym(kind: "erased" | "expired"): string {
  return `~${kind}-${crypto.randomUUID()}`;
}
