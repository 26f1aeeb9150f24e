/** A name for somebody in what stays of them: `erased-` or `expired-` and a random UUID, which leads to nobody. An id like any other (token/id.ts). */
export function newPseudonym(kind: "erased" | "expired"): string {
  return `${kind}-${crypto.randomUUID()}`;
}
