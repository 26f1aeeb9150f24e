/** The demo's checks. A failed one ends the demo with a sentence for people. */

export function check(condition: boolean, complaint: string): asserts condition {
  if (!condition) throw new Error(complaint);
}

const POLL_MS = 100;

/** Calls `find` until it returns something, and throws the complaint when it has not at the deadline. */
export async function eventually<T>(
  find: () => T | undefined | Promise<T | undefined>,
  { deadlineMs, complaint }: { readonly deadlineMs: number; readonly complaint: string },
): Promise<T> {
  const endMs = Date.now() + deadlineMs;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    check(Date.now() < endMs, complaint);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
