/**
 * Compares the output of an example with what its page says. "…" stands for anything, also within a text; members of an
 * object that the page leaves out are ignored.
 */

/** What differs, as a path and both values; undefined when nothing does. */
export function differenceIn(actual: unknown, expected: unknown, path = "answer"): string | undefined {
  if (expected === "…" && actual !== undefined) return undefined;
  if (typeof expected === "string" && typeof actual === "string") {
    return matches(actual, expected) ? undefined : `${path}: ${actual} is not like ${expected}`;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return `${path}: ${JSON.stringify(actual)} is not a list of ${expected.length}`;
    return firstOf(expected.map((each, index) => differenceIn(actual[index], each, `${path}.${index}`)));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) return `${path}: ${JSON.stringify(actual)} is no object`;
    const members = new Map(Object.entries(actual));
    return firstOf(
      Object.entries(expected).map(([name, value]) => differenceIn(members.get(name), value, `${path}.${name}`)),
    );
  }
  return Object.is(actual, expected)
    ? undefined
    : `${path}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`;
}

function firstOf(differences: readonly (string | undefined)[]): string | undefined {
  return differences.find((difference) => difference !== undefined);
}

/** Whether `text` is `pattern`, in which "…" stands for anything. */
function matches(text: string, pattern: string): boolean {
  const source = pattern
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^]*");
  return new RegExp(`^${source}$`).test(text);
}
