/** What other capabilities use of suppressions. */
export { type NewAddress, newAddresses, storeNewAddresses } from "./addresses.ts";
export { type BounceSuppression, suppressBounced } from "./bounced.ts";
export { copyLifts } from "./lifts.ts";
export { upsertRecipient, upsertRecipients } from "./recipients.ts";
export { reportedDecision } from "./reported.ts";
export {
  addressSubject,
  erasedSuppression,
  FORGOTTEN_EVENT,
  hashedSubject,
  personSubject,
  SAME_SUPPRESSION,
  SUPPRESSION_COLUMNS,
} from "./subject.ts";
export { type Suppression, SuppressionAnswer, suppressedSql, suppressionAnswer } from "./suppressions.ts";
