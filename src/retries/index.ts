/** What other capabilities use of retries. */
export { ensureRetryAlarm, type RetryClockEnv } from "./clock.ts";
export { statementsForLeaving } from "./leaving.ts";
export { retriesStillDue } from "./retry.ts";
export { attemptOf } from "./schedule.ts";
export {
  attemptsOf,
  type Earliest,
  earliestStatement,
  isRetryOf,
  moveSchedules,
  type ScheduleTimes,
  type SoftBouncedSend,
  scheduleStatements,
} from "./store.ts";
