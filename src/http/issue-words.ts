/** What is wrong with a field, in plain words, where its schema has no words of its own. */
import type * as v from "valibot";

/** What values of these schemas are, by the schema's type. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["string", "a text"],
  ["number", "a number"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "an object"],
  ["strict_object", "an object"],
  ["record", "an object"],
  ["integer", "an integer"],
  ["safe_integer", "an integer"],
]);

/**
 * The message of an issue, for valibot's `message`: `must be a text`, `must have at least 1 character`.
 * @see https://valibot.dev/guides/parse-data/
 */
export function issueWords(issue: v.BaseIssue<unknown>): string {
  const kind = KINDS.get(issue.type);
  if (kind !== undefined) return `must be ${kind}`;
  switch (issue.type) {
    case "union":
      return oneOf(issue.issues ?? []);
    case "picklist":
    case "literal":
      return `must be ${alternatives(issue)}`;
    case "variant":
      return issue.expected === "Object" ? "must be an object" : `must be ${alternatives(issue)}`;
    case "non_empty":
      return "must not be empty";
    case "regex":
      return "is not written as it must be";
    case "min_length":
      return `must have at least ${counted(issue)}`;
    case "max_length":
      return `must have at most ${counted(issue)}`;
    case "min_value":
      return `must be at least ${issue.requirement}`;
    case "max_value":
      return `must be at most ${issue.requirement}`;
    default:
      return "has a value that is not allowed here";
  }
}

/** `("a" | "b")` → `"a" or "b"` */
function alternatives({ expected }: v.BaseIssue<unknown>): string {
  return (expected ?? "").replace(/^\((.*)\)$/s, "$1").replaceAll(" | ", " or ");
}

/** For a field that has several forms: what each of them lacks. */
function oneOf(issues: readonly v.BaseIssue<unknown>[]): string {
  const words = issues.map(({ message }) => message.replace(/^must be /, ""));
  return `must be ${[...new Set(words)].join(" or ")}`;
}

function counted({ requirement, input }: v.BaseIssue<unknown>): string {
  const unit = typeof input === "string" ? ["character", "characters"] : ["entry", "entries"];
  return `${requirement} ${unit[requirement === 1 ? 0 : 1]}`;
}
