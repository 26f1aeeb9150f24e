/** A suppression in answers, with whom it is about: a person, an address, or somebody erased. */
import * as v from "valibot";
import { AddressAnswer, PersonAnswer, personAnswer } from "../http/schemas.ts";
import type { ListedSuppression } from "./list.ts";
import { recipientOf } from "./subject.ts";
import { type PersonOrAddress, SuppressionAnswer, suppressionAnswer } from "./suppressions.ts";

/** Whom a suppression names. */
const RECIPIENT = { person: v.optional(PersonAnswer), address: v.optional(AddressAnswer) };
export const RecipientAnswer = v.object(RECIPIENT);

/** The subject of a suppression or of a lift: `erased` when only the hash of it is left. */
export const SUBJECT_ANSWER = { ...RECIPIENT, erased: v.optional(v.literal(true)) };

export const ListedSuppressionAnswer = v.pipe(
  v.object({ ...SUBJECT_ANSWER, ...SuppressionAnswer.entries }),
  v.title("Suppression"),
);

export function recipientAnswer({ person, address }: PersonOrAddress) {
  return {
    ...(person === undefined ? {} : { person: personAnswer(person) }),
    ...(address === undefined ? {} : { address }),
  };
}

export function subjectAnswer(subject: string) {
  const recipient = recipientOf(subject);
  return recipient === undefined ? { erased: true as const } : recipientAnswer(recipient);
}

export function listedSuppression({ subject, ...suppression }: ListedSuppression) {
  return { ...subjectAnswer(subject), ...suppressionAnswer(suppression) };
}
