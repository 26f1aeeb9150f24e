/** Rows joined into JSON arrays that D1 takes as one parameter each. */

/** D1 takes at most 2 MB of text (Cloudflare D1, "Limits"); a character has up to three bytes. */
const MAX_CHARS = 600_000;

/**
 * Joins rows into as few JSON arrays as D1's limit allows; none without rows.
 * @param groups rows as the inside of a JSON array: `[…],[…]`
 */
export function jsonArrays(groups: readonly string[]): string[] {
  const arrays: string[] = [];
  let array = "";
  for (const group of groups) {
    if (array !== "" && array.length + group.length > MAX_CHARS) {
      arrays.push(`[${array}]`);
      array = "";
    }
    array = array === "" ? group : `${array},${group}`;
  }
  if (array !== "") arrays.push(`[${array}]`);
  return arrays;
}
