/** Names for people in what stays of them: random, so that they lead to nobody. */

const NUMBERS = 10n ** 15n;

/** `erased-` or `gone-` and 15 digits: an id like any other (token/id.ts). */
export function newStandIn(kind: "erased" | "gone"): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return `${kind}-${String(random % NUMBERS).padStart(15, "0")}`;
}
