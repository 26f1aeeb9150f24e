/**
 * The way to a message's gate. Guarantees: the Opened reaches the log even when the gate can't be reached; then it goes the way
 * of clicks, under the same id, and D1 keeps one of them.
 */
import type { Opened } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import { withDeadline } from "../log/deadline.ts";
import { twice } from "../log/errors.ts";
import type { GroupCommit, Lifetime } from "../log/group-commit.ts";
import type { Road } from "../log/record.ts";
import type { OpenGate } from "./gate.ts";

/** Longer than the gate's own two roads, shorter than the 30 s that waitUntil grants. */
const GATE_DEADLINE_MS = 12_000;

/** Resolves when the open is in the log's hands, or is no news. Never rejects. */
export async function letThrough(
  opened: Opened,
  gates: DurableObjectNamespace<OpenGate>,
  log: Pick<GroupCommit<Road>, "append">,
  lifetime: Lifetime,
): Promise<void> {
  const row = rowOf(opened);
  const mark = { atMs: opened.atMs, isBot: opened.visitor.isBot };
  try {
    // A stub that failed stays broken: each try makes its own.
    await withDeadline(
      twice(async () => await gates.getByName(opened.id).open(row, mark)),
      GATE_DEADLINE_MS,
      "gate",
    );
  } catch (error) {
    console.warn(
      JSON.stringify({ message: "gate out of reach; open recorded without it", error: String(error) }),
    );
    await log.append(row, lifetime);
  }
}
