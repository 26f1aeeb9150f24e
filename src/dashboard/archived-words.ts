/** What pages say of archived messages, of which `/v1` knows counts, and nothing of each. */
import { formatCount } from "../web/format.ts";

/** A report of single messages. */
interface OfMessages {
  /** How many of the messages that were asked for it leaves out. */
  readonly archived?: number;
}

/** At the end of a note: " 1,204 of these messages are archived, and left out here."; nothing where none is. */
export function archivedNote({ archived = 0 }: OfMessages): string {
  if (archived === 0) return "";
  return ` ${formatCount(archived)} of these messages ${archived === 1 ? "is" : "are"} archived, and left out here.`;
}

/**
 * What is shown where a report has no rows.
 * @param words say that there is nothing
 */
export function emptyWords({ archived = 0 }: OfMessages, words: string): string {
  return archived === 0 ? words : "Nothing of messages that are not archived";
}
