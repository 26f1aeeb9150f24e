/** The demo's checks. A failed one ends the demo with a sentence for people. */
import { isDeepStrictEqual } from "node:util";

export function check(condition: boolean, complaint: string): asserts condition {
  if (!condition) throw new Error(complaint);
}

/** `who` brought the value. */
export function checkSame(who: string, value: unknown, expected: unknown): void {
  check(isDeepStrictEqual(value, expected), `${who} brought ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`);
}

const POLL_MS = 100;
const DEADLINE_MS = 60_000;

/** Calls `find` until it returns something, and throws the complaint when it has not within a minute. */
export async function eventually<T>(find: () => T | undefined | Promise<T | undefined>, complaint: string): Promise<T> {
  const deadlineAtMs = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    check(Date.now() < deadlineAtMs, `${complaint}, after a minute`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
