/** A retry as the sender sees it, and whether it should still be sent. */
import type { Settings } from "../config/settings.ts";
import type { Bounce } from "../events/bounce.ts";
import { isoTime } from "../http/time.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signToken } from "../tokens/sign.ts";
import { retryDecisions } from "./decisions.ts";
import { attemptOf } from "./schedule.ts";
import type { RetryRow } from "./store.ts";

/** A retry in GET /v1/retries and in the webhook. Times in ISO 8601 UTC with milliseconds. */
export interface Retry {
  /** Ascends in the order in which retries became due. */
  readonly cursor: number;
  /** Unique for ever: the same id is the same retry. */
  readonly id: string;
  /** The message token to send it with; absent when the send had no id. */
  readonly message?: string;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send?: string;
  /** The person's address, or the one that was mailed; absent when neither is known. */
  readonly address?: string;
  /** The first attempt was 1. */
  readonly attempt: number;
  readonly dueAt: string;
  readonly firstAttemptAt: string;
  /** The soft bounce that started the schedule. */
  readonly bounce: Bounce;
}

/**
 * The retries that should be sent now: without those that have ended, that a later slot has replaced, or whose
 * recipient is suppressed.
 */
export async function stillDue(
  d1: D1Database,
  retries: readonly RetryRow[],
  { opensPer }: Settings,
  nowMs: number,
): Promise<RetryRow[]> {
  const latest = retries.filter(({ slot, nextSlot }) => slot + 1 === nextSlot);
  const decisions = await retryDecisions(d1, latest, opensPer, nowMs);
  return latest.filter(({ key }) => decisions.get(key) === "due");
}

export function retryOf(row: RetryRow, keys: TokenKeys): Retry {
  const { seq, id, email, person, campaign, send, slot } = row;
  const address = row.knownAddress ?? row.address;
  return {
    cursor: seq,
    id,
    ...(send === null ? {} : { message: signToken(keys, "message", { email, person, campaign, send }) }),
    email,
    person,
    campaign,
    ...(send === null ? {} : { send }),
    ...(address === null ? {} : { address }),
    attempt: attemptOf(slot),
    dueAt: isoTime(row.dueAt),
    firstAttemptAt: isoTime(row.firstAt),
    bounce: JSON.parse(row.bounce),
  };
}
