/**
 * Records an open: acquires the lease of its message's gate, appends the row to the log, and stores it in the gate.
 * Guarantees that the Opened reaches the log even when the gate is unreachable: its id is always the same, and D1 keeps
 * one row of it.
 */

import type { Opened } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import type { GroupCommit, Lifetime } from "../ingest/group-commit.ts";
import type { Sink } from "../ingest/record.ts";
import { retryOnce } from "../platform/errors.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { OpenLease } from "./open-gate.ts";
import { type GateLoad, recordableFrom, recordedWith } from "./recordable.ts";

const GATE_DEADLINE_MS = 8_000;

export interface OpenSinks {
  readonly OPENS: Env["OPENS"];
  readonly log: Pick<GroupCommit<Sink>, "append">;
}

/** What a message's gate answered about an open. */
type GateAnswer =
  | { readonly kind: "leased"; readonly lease: Rpc.Stub<OpenLease> }
  | { readonly kind: "not to be recorded"; readonly recordableFromMs: number }
  | { readonly kind: "unreachable" };

/**
 * Resolves when a sink has the open, or when it is not to be recorded, with the time from which on a person's open of
 * the message is (ms since 1970 UTC); with undefined when no sink took it. Never rejects.
 */
export async function recordOnce(
  opened: Opened,
  { OPENS, log }: OpenSinks,
  lifetime: Lifetime,
): Promise<number | undefined> {
  const load = { atMs: opened.atMs, isBot: opened.visitor.botPattern !== undefined };
  const answer = await acquireLease(opened.id, load, OPENS);
  if (answer.kind === "not to be recorded") return answer.recordableFromMs;
  const isRecorded = (await log.append(rowOf(opened), lifetime)) !== "lost";
  if (answer.kind === "leased") lifetime.waitUntil(release(answer.lease, load, isRecorded));
  // Whatever the gate has recorded before, it records no other sooner.
  return isRecorded ? recordableFrom(recordedWith(load, undefined)) : undefined;
}

async function acquireLease(id: string, load: GateLoad, OPENS: OpenSinks["OPENS"]): Promise<GateAnswer> {
  try {
    // A stub that failed stays broken, so each attempt makes its own.
    const acquiring = retryOnce(async () => await OPENS.getByName(id).acquire(load));
    const acquired = await withDeadline(acquiring, GATE_DEADLINE_MS, "gate");
    return typeof acquired === "number"
      ? { kind: "not to be recorded", recordableFromMs: acquired }
      : { kind: "leased", lease: acquired };
  } catch (error) {
    logger.warn("gate unreachable; open recorded without it", { error });
    return { kind: "unreachable" };
  }
}

async function release(lease: Rpc.Stub<OpenLease>, load: GateLoad, isRecorded: boolean): Promise<void> {
  try {
    if (isRecorded) await lease.record(load);
  } catch (error) {
    // The next load is recorded again, which its id makes harmless.
    logger.warn("open not stored in its gate", { error });
  } finally {
    lease[Symbol.dispose]();
  }
}
