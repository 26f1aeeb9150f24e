/** What the DNS says of a domain. */
import { resolve4, resolve6, resolveCname } from "node:dns/promises";
import { CommandError } from "../command-error.ts";

/** There is no such name, or it has no record of that type. */
const NONE = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * Whether a host name leads somewhere already. wrangler gives a domain to the Worker without a question where nobody
 * can answer one, and replaces those records.
 * @throws {CommandError} when the DNS does not say
 */
export async function isInUse(host: string): Promise<boolean> {
  const found = await Promise.allSettled([resolve4(host), resolve6(host), resolveCname(host)]);
  if (found.some((each) => each.status === "fulfilled" && each.value.length > 0)) return true;
  const failed = found.find((each) => each.status === "rejected" && !NONE.has(Object(each.reason).code));
  if (failed === undefined) return false;
  throw new CommandError(
    `The DNS does not say whether ${host} has records, which a deploy would replace.`,
    "Run it again when it answers, or say --take-domain if the name is meant for this Worker.",
  );
}
