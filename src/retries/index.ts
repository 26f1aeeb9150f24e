/** What other capabilities use of retries. */
export { ensureRetryAlarm } from "./clock.ts";
export {
  attemptsOf,
  type Earliest,
  earliestStatement,
  moveSchedules,
  type ScheduleTimes,
  type SoftBouncedSend,
  scheduleStatements,
} from "./store.ts";
