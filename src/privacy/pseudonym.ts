/** A name for somebody in what stays of them: `erased-` or `gone-` and a random UUID, which leads to nobody. An id like any other (token/id.ts). */
export function newStandIn(kind: "erased" | "gone"): string {
  return `${kind}-${crypto.randomUUID()}`;
}
