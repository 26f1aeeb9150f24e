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
import { type OpenMark, recordableFrom } from "./recordable.ts";

const GATE_DEADLINE_MS = 8_000;

export interface OpenSinks {
  readonly OPENS: Env["OPENS"];
  readonly log: Pick<GroupCommit<Sink>, "append">;
}

/**
 * Resolves when a sink has the open, or when it is not to be recorded, with the time from which on a person's open of
 * the message is (ms since 1970 UTC); with undefined when no sink took it. Never rejects.
 */
export async function recordOnce(
  opened: Opened,
  { OPENS, log }: OpenSinks,
  lifetime: Lifetime,
): Promise<number | undefined> {
  const mark = { atMs: opened.atMs, isBot: opened.visitor.botPattern !== undefined };
  const lease = await acquireLease(opened.id, mark, OPENS);
  if (typeof lease === "number") return lease;
  const isRecorded = (await log.append(rowOf(opened), lifetime)) !== "lost";
  if (lease !== "unreachable") lifetime.waitUntil(release(lease, mark, isRecorded));
  return isRecorded ? recordableFrom(mark) : undefined;
}

async function acquireLease(
  id: string,
  mark: OpenMark,
  OPENS: OpenSinks["OPENS"],
): Promise<Rpc.Stub<OpenLease> | number | "unreachable"> {
  try {
    // A stub that failed stays broken, so each attempt makes its own.
    const acquired = retryOnce(async () => await OPENS.getByName(id).acquire(mark));
    return await withDeadline(acquired, GATE_DEADLINE_MS, "gate");
  } catch (error) {
    logger.warn("gate unreachable; open recorded without it", { error });
    return "unreachable";
  }
}

async function release(lease: Rpc.Stub<OpenLease>, mark: OpenMark, isRecorded: boolean): Promise<void> {
  try {
    if (isRecorded) await lease.record(mark);
  } catch (error) {
    // The next load is recorded again, which its id makes harmless.
    logger.warn("open not stored in its gate", { error });
  } finally {
    lease[Symbol.dispose]();
  }
}
