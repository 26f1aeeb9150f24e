/** Texts of rows joined into JSON arrays that D1 takes as one parameter each. */

/** D1 takes a text of 2 MB at most; characters may be of several bytes. */
const MAX_CHARS = 600_000;

/** `groups` are texts of rows, each a JSON array's inside: `[…],[…]`. None, of none. */
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
