/**
 * Records an open: acquires the lease of its message's gate, appends the row to the log, and stores it in the gate.
 * Guarantees that the Opened reaches the log even when the gate is unreachable: its id is always the same, and D1 keeps
 * one row of it.
 */
import { objectNamed } from "../config/objects.ts";
import type { Opened } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import type { GroupCommit, Lifetime } from "../ingest/group-commit.ts";
import type { Sink } from "../ingest/record.ts";
import type { RowGroup } from "../ingest/row-group.ts";
import { retryOnce } from "../platform/errors.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { OpenLease } from "./open-gate.ts";
import { type GateLoad, recordableFrom, recordedWith } from "./recordable.ts";

const GATE_DEADLINE_MS = 8_000;

export interface OpenSinks {
  readonly gates: Pick<Env, "OPENS" | "JURISDICTION">;
  readonly log: Pick<GroupCommit<RowGroup, Sink>, "append">;
}

/** What a message's gate answered about an open. */
type GateAnswer =
  | { readonly kind: "leased"; readonly lease: Rpc.Stub<OpenLease> }
  | { readonly kind: "not to be recorded"; readonly recordableFromMs: number }
  | { readonly kind: "unreachable" };

/**
 * Resolves when a sink has the open, when it is not to be recorded, and when no sink took it. Calls
 * `setRecordableFrom` with the time from which on a person's open of the message is recorded (ms since 1970 UTC), at
 * most twice: the gate may know a later time than the isolate. Never rejects.
 */
export async function recordOnce(
  opened: Opened,
  { gates, log }: OpenSinks,
  lifetime: Lifetime,
  setRecordableFrom: (ms: number) => void,
): Promise<void> {
  const load = { atMs: opened.atMs, isBot: opened.visitor.botPattern !== undefined };
  const answer = await acquireLease(opened.id, load, gates);
  if (answer.kind === "not to be recorded") return setRecordableFrom(answer.recordableFromMs);
  const isRecorded = (await log.append(rowOf(opened), lifetime)) !== "lost";
  // Whatever the gate has recorded before, it records no other sooner.
  if (isRecorded) setRecordableFrom(recordableFrom(recordedWith(load, undefined)));
  if (answer.kind === "leased")
    lifetime.waitUntil(release(answer.lease, isRecorded ? load : undefined, setRecordableFrom));
}

async function acquireLease(id: string, load: GateLoad, gates: OpenSinks["gates"]): Promise<GateAnswer> {
  try {
    // A stub that failed stays broken, so each attempt makes its own.
    const acquiring = retryOnce(async () => await objectNamed(gates.OPENS, id, gates).acquire(load));
    const acquired = await withDeadline(acquiring, GATE_DEADLINE_MS, "gate");
    return typeof acquired === "number"
      ? { kind: "not to be recorded", recordableFromMs: acquired }
      : { kind: "leased", lease: acquired };
  } catch (error) {
    logger.warn("gate unreachable; open recorded without it", { error });
    return { kind: "unreachable" };
  }
}

/** Stores the load in the gate, if it was recorded, and releases the lease. */
async function release(
  lease: Rpc.Stub<OpenLease>,
  recorded: GateLoad | undefined,
  setRecordableFrom: (ms: number) => void,
): Promise<void> {
  try {
    if (recorded !== undefined) setRecordableFrom(await lease.record(recorded));
  } catch (error) {
    // The next load is recorded again, which its id makes harmless.
    logger.warn("open not stored in its gate", { error });
  } finally {
    lease[Symbol.dispose]();
  }
}
