/** There is one RetryClock, for all sends: the name of its Durable Object. */
export const RETRY_CLOCK_NAME = "retries";

/** Sets the clock's alarm to `atMs` (ms since 1970 UTC) unless an earlier one is set. */
export async function ensureRetryAlarm(clocks: Env["RETRIES"], atMs: number): Promise<void> {
  await clocks.getByName(RETRY_CLOCK_NAME).ensureAlarm(atMs);
}
