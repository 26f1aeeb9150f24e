/** What other capabilities use of retries. */
export { ensureRetryAlarm } from "./alarm.ts";
export {
  attemptsOf,
  type Earliest,
  earliestStatement,
  type SoftBouncedSend,
  scheduleStatements,
} from "./store.ts";
