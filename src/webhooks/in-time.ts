/** D1 within a deadline: a call that never ends must not hold an endpoint up for ever. */
import { withDeadline } from "../platform/timeout.ts";

const D1_DEADLINE_MS = 20_000;

export async function inTime<T>(work: Promise<T>): Promise<T> {
  return await withDeadline(work, D1_DEADLINE_MS, "D1");
}
