/** Checks the health of a deployed Worker. */
import * as v from "valibot";
import { errorMessage } from "../command-error.ts";
import { interruptible } from "../wrangler/interruptible.ts";

const Health = v.object({
  ok: v.boolean(),
  parts: v.record(v.string(), v.string()),
  ageMs: v.number(),
  settings: v.array(v.object({ name: v.string(), problem: v.string() })),
  warnings: v.optional(v.array(v.string()), []),
});

export type HealthAnswer =
  /** Warnings are sentences; a setting that is wrong is one. */
  | { readonly state: "healthy"; readonly warnings: readonly string[] }
  /** It answers, and says what is wrong. */
  | { readonly state: "unhealthy"; readonly why: string }
  /** No Worker of ours answers there. */
  | { readonly state: "silent"; readonly why: string };

export interface HealthOptions {
  /** How long to ask again, in ms: a new Worker takes some seconds to be everywhere. */
  readonly patienceMs: number;
  /**
   * The check must not be older than this moment, in ms since 1970, because an answer repeats the last one for up to 15
   * seconds. Exact but for the time that an answer takes to arrive.
   */
  readonly checkedSinceMs?: number;
  /** Whether a check that finds it unhealthy is final, too. Default: it may become healthy */
  readonly isUnhealthyFinal?: boolean;
}

const PAUSE_MS = 1_000;
const CALL_MS = 10_000;

/**
 * The first answer "healthy", or the last one when there is no more time.
 * @throws {Interrupted} when this process is asked to end
 */
export async function askHealth(origin: string, options: HealthOptions): Promise<HealthAnswer> {
  const untilMs = Date.now() + options.patienceMs;
  return await interruptible(async (asked) => {
    const aborted = new Promise((resolve) => asked.addEventListener("abort", resolve, { once: true }));
    for (;;) {
      const answer = await askOnce(origin, options.checkedSinceMs ?? 0, asked);
      asked.throwIfAborted();
      const isFinal = answer.state === "healthy" || (answer.state === "unhealthy" && options.isUnhealthyFinal === true);
      if (isFinal || Date.now() >= untilMs) return answer;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, PAUSE_MS)), aborted]);
    }
  });
}

async function askOnce(origin: string, checkedSinceMs: number, asked: AbortSignal): Promise<HealthAnswer> {
  try {
    const signal = AbortSignal.any([asked, AbortSignal.timeout(CALL_MS)]);
    const response = await fetch(`${origin}/healthz`, { signal });
    const text = await response.text();
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Health), text);
    if (!read.success) return { state: "silent", why: `it answered ${response.status}: ${text.trim().slice(0, 200)}` };
    const { ok, parts, settings, warnings, ageMs } = read.output;
    if (Date.now() - ageMs < checkedSinceMs) return { state: "silent", why: "it has not checked itself again" };
    if (ok) return { state: "healthy", warnings };
    const faults = [
      ...Object.entries(parts).filter(([, state]) => state !== "ok"),
      ...settings.map(({ name, problem }) => [name, problem] as const),
    ];
    return { state: "unhealthy", why: faults.map(([name, fault]) => `${name}: ${fault}`).join("; ") };
  } catch (error) {
    return { state: "silent", why: errorMessage(error) };
  }
}
