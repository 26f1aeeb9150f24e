/**
 * Reads about messages that may be in files: brings them back, and then reads D1. Guarantees that the archive takes
 * nothing between the two: the read begins again then.
 */
import type { Result } from "../platform/result.ts";
import { Sql } from "../platform/sql.ts";
import { readInOneEdition } from "./edition.ts";
import type { MessageLookup } from "./messages/message-filter.ts";
import { recallFiled, recallPeople } from "./messages/recall.ts";
import type { LogStores } from "./segments.ts";

/** Whose messages come back: those that are looked up, or all of the people that a SELECT of `person` finds. */
type Recalled = readonly MessageLookup[] | Sql;

/**
 * Brings messages back, and then reads.
 * @param read may be called again
 * @throws what `read` throws; the errors of D1 and R2; an error when the archive changes each time
 */
export async function readRecalled<Answer>(
  stores: LogStores,
  whom: Recalled,
  read: () => Promise<Answer>,
): Promise<Answer> {
  return await readInOneEdition(stores.DB, async () => {
    await (whom instanceof Sql ? recallPeople(stores, whom) : recallFiled(stores, whom));
    return await read();
  });
}

/**
 * The same for who may be content with the first read: nothing is brought back, and no other round trip made, while
 * D1 has everything.
 * @param read says whether D1 had all events and messages, by `SELECT_IS_WHOLE` in the same transaction
 * @param readAgain what reads once messages are back. Default: `read`
 * @throws as `readRecalled`
 */
export async function readWholeOrRecalled<Answer extends { readonly isWhole: boolean }, Reason>(
  stores: LogStores,
  whom: Recalled,
  read: () => Promise<Result<Answer, Reason>>,
  readAgain = read,
): Promise<Result<Answer, Reason>> {
  const answer = await read();
  return !answer.ok || answer.value.isWhole ? answer : await readRecalled(stores, whom, readAgain);
}
