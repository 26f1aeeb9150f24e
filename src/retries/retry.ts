/** A retry as the sender is told of it, and whether there is still a reason to. */
import type { Settings } from "../config/settings.ts";
import type { Bounce } from "../events/bounce.ts";
import { openKey } from "../events/open-id.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signToken } from "../tokens/sign.ts";
import { attemptOf } from "./schedule.ts";
import { type LoggedRetry, retryDecisions } from "./store.ts";

/** What GET /v1/retries and the webhook say of a retry. Times in ISO 8601 UTC with milliseconds. */
export interface Retry {
  readonly seq: number;
  /** Unique for ever: whoever was told of it twice was told of one retry. */
  readonly id: string;
  /** The message token to send it with; absent when the send had no id. */
  readonly message?: string;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send?: string;
  /** The person's, or the one that was mailed; absent when neither is known. */
  readonly address?: string;
  /** The first was 1. */
  readonly attempt: number;
  readonly dueAt: string;
  readonly firstAttemptAt: string;
  /** The one that began it. */
  readonly bounce: Bounce;
}

/**
 * Those of the retries that the sender should send now: not what came to an end meanwhile, not what a later slot has taken
 * over, not to people who must not be mailed.
 */
export async function stillDue(
  d1: D1Database,
  retries: readonly LoggedRetry[],
  { opensPer }: Settings,
  nowMs: number,
): Promise<LoggedRetry[]> {
  const current = retries.filter(({ slot, nextSlot }) => slot + 1 === nextSlot);
  const asked = current.map((send) => ({ send, openedId: openKey(send, opensPer) }));
  const verdicts = await retryDecisions(d1, asked, nowMs);
  return current.filter(({ key }) => verdicts.get(key) === "due");
}

export function toldOf(retry: LoggedRetry, keys: TokenKeys): Retry {
  const { seq, id, email, person, campaign, send, slot } = retry;
  const address = retry.knownAddress ?? retry.address;
  return {
    seq,
    id,
    ...(send === null ? {} : { message: signToken(keys, "message", { email, person, campaign, send }) }),
    email,
    person,
    campaign,
    ...(send === null ? {} : { send }),
    ...(address === null ? {} : { address }),
    attempt: attemptOf(slot),
    dueAt: new Date(retry.dueAt).toISOString(),
    firstAttemptAt: new Date(retry.firstAt).toISOString(),
    bounce: JSON.parse(retry.bounce),
  };
}
