/** A retry as the sender sees it, and whether it should still be sent. */
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { RETRY } from "../events/send-key.ts";
import { BounceAnswer, IdAnswer, idAnswer, PersonAnswer, personAnswer, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signToken } from "../tokens/sign.ts";
import { retryDecisions } from "./decisions.ts";
import { attemptOf } from "./schedule.ts";
import { type RetryRow, retriesWithIds } from "./store.ts";

/** A retry in GET /v1/retries. */
export const Retry = v.pipe(
  v.object({
    id: v.pipe(v.string(), v.description("Unique for ever: the same id is the same retry.")),
    message: v.optional(
      v.pipe(v.string(), v.description("The message token to send it with; missing when the send had no id.")),
    ),
    email: IdAnswer,
    person: PersonAnswer,
    campaign: IdAnswer,
    send: v.optional(v.string()),
    attempt: v.pipe(v.number(), v.integer(), v.minValue(2), v.description("The first attempt was 1.")),
    dueAt: TimeAnswer,
    firstAttemptAt: TimeAnswer,
    bounce: v.pipe(BounceAnswer, v.description("The soft bounce that started the schedule.")),
  }),
  v.title("Retry"),
);
export type Retry = v.InferOutput<typeof Retry>;

/**
 * The retries that should be sent now: without those that have ended, that a later slot has replaced, or whose
 * recipient is suppressed.
 */
export async function stillDue(
  d1: D1Database,
  retries: readonly RetryRow[],
  { opensPer }: Pick<Settings, "opensPer">,
  nowMs: number,
): Promise<RetryRow[]> {
  const latest = retries.filter(({ slot, nextSlot }) => slot + 1 === nextSlot);
  const decisions = await retryDecisions(d1, latest, opensPer, nowMs);
  return latest.filter(({ key }) => decisions.get(key) === "due");
}

/**
 * The ids of those events of type "retry" whose send should be sent now.
 * @throws D1's error
 */
export async function retriesStillDue(
  d1: D1Database,
  eventIds: readonly string[],
  settings: Pick<Settings, "opensPer">,
  nowMs: number,
): Promise<ReadonlySet<string>> {
  if (eventIds.length === 0) return new Set();
  const ids = eventIds.flatMap((id) => (id.startsWith(RETRY) ? [id.slice(RETRY.length)] : []));
  const due = await stillDue(d1, await retriesWithIds(d1, ids), settings, nowMs);
  return new Set(due.map(({ id }) => `${RETRY}${id}`));
}

export function retryOf(row: RetryRow, keys: TokenKeys): Retry {
  const { id, email, person, campaign, send, slot } = row;
  return {
    id,
    ...(send === null ? {} : { message: signToken(keys, "message", { email, person, campaign, send }) }),
    email: idAnswer(email),
    person: personAnswer(person, row.knownAddress ?? row.address),
    campaign: idAnswer(campaign),
    ...(send === null ? {} : { send }),
    attempt: attemptOf(slot),
    dueAt: isoTime(row.dueAt),
    firstAttemptAt: isoTime(row.firstAt),
    bounce: JSON.parse(row.bounce),
  };
}
