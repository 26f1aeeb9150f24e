/** What other capabilities use of suppressions. */
export { addSuppressions, type SuppressionToAdd } from "./add.ts";
export { type NewAddress, newAddresses, storeNewAddresses } from "./addresses.ts";
export { type BounceSuppression, suppressBounced } from "./bounced.ts";
export { deleteExpired } from "./delete-expired.ts";
export { hashSubjects } from "./hash-subjects.ts";
export { ListedSuppressionAnswer, listedSuppression, SUBJECT_ANSWER, subjectAnswer } from "./listed-answer.ts";
export { upsertRecipient, upsertRecipients } from "./recipients.ts";
export { isRemovalOf } from "./removal.ts";
export { reportedDecision, withdrawnComplaint } from "./reported-decisions.ts";
export {
  addressSubject,
  hashedSubject,
  personSubject,
  WITHOUT_EVENT,
} from "./subject.ts";
export { type Suppression, SuppressionAnswer, suppressedSql, suppressionAnswer } from "./suppressions.ts";
