/**
 * The way of an open: through its message's gate, onto the log, and back to the gate to say so. Guarantees that the Opened
 * reaches the log even when the gate can't be reached: its id is the same every time, and D1 keeps one of them.
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
 * Resolves when the open is in the log's hands, or is no news to it, with the time from which on a person's open of the message is;
 * ms since 1970 UTC. Undefined when no road took it. Never rejects.
 */
export async function recordOnce(
  opened: Opened,
  { OPENS, log }: OpenSinks,
  lifetime: Lifetime,
): Promise<number | undefined> {
  const mark = { atMs: opened.atMs, isBot: opened.visitor.botPattern !== undefined };
  const claim = await claimOf(opened.id, mark, OPENS);
  if (typeof claim === "number") return claim;
  const isRecorded = (await log.append(rowOf(opened), lifetime)) !== "lost";
  if (claim !== "out of reach") lifetime.waitUntil(release(claim, mark, isRecorded));
  return isRecorded ? recordableFrom(mark) : undefined;
}

async function claimOf(
  id: string,
  mark: OpenMark,
  OPENS: OpenSinks["OPENS"],
): Promise<Rpc.Stub<OpenLease> | number | "out of reach"> {
  try {
    // A stub that failed stays broken: each try makes its own.
    const pass = () => retryOnce(async () => await OPENS.getByName(id).pass(mark));
    return await withDeadline(pass(), GATE_DEADLINE_MS, "gate");
  } catch (error) {
    logger.warn("gate out of reach; open recorded without it", { error });
    return "out of reach";
  }
}

async function release(claim: Rpc.Stub<OpenLease>, mark: OpenMark, isRecorded: boolean): Promise<void> {
  try {
    if (isRecorded) await claim.recorded(mark);
  } catch (error) {
    // The gate stays open: the next load is recorded again, which its id makes harmless.
    logger.warn("open not marked in its gate", { error });
  } finally {
    claim[Symbol.dispose]();
  }
}
