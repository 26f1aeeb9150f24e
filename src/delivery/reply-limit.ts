/**
 * How much of a mail server's reply is classified where many come in one request. Strangers' servers write them, so
 * each costs a limited time; and the limit is one for all, so that no reply's category depends on what comes with it.
 * The rest of a longer one might say something else, so it is never an invalid recipient.
 */

/** 98 of 100 replies are shorter; one that is made to cost time takes 0.1 ms, and a webhook has 1,000. */
const MAX_REPLY_CHARS = 384;

/** What is classified of a server's reply. */
export function readPartOf(reply: string | undefined): { details: string; isCut: boolean } {
  const details = (reply ?? "").slice(0, MAX_REPLY_CHARS);
  return { details, isCut: details !== (reply ?? "") };
}
