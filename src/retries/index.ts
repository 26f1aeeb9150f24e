/** What other capabilities use of retries. */
export { ensureRetryAlarm } from "./clock.ts";
export {
  type Attempt,
  attemptsOf,
  type Earliest,
  earliestStatement,
  moveSchedules,
  type SoftBouncedSend,
  scheduleStatements,
} from "./store.ts";
