/** What other capabilities use of suppressions. */
export { addressSubject, hashedSubject, personSubject } from "./subject.ts";
export { unsubscription } from "./subscriptions.ts";
export { suppressBounced } from "./suppressions.ts";
