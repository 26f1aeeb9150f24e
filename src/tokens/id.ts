/**
 * The ids of emails, persons, campaigns, sends and links. Guarantees one spelling for each id: the integer 7 and the
 * text "7" are the same, "07" is another. Gives up integers that a double cannot hold; as texts they are accepted.
 */

/** The text of an id. */
export const ID_TEXT = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * The canonical text of an id: an integer within ±(2^53 − 1), or 1 to 64 characters of `A-Z a-z 0-9 . _ : -`. Undefined
 * for anything else.
 */
export function parseId(value: unknown): string | undefined {
  if (typeof value === "string") return ID_TEXT.test(value) ? value : undefined;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
