/**
 * The way of an open: through its message's gate, onto the log, and back to the gate to say so. Guarantees that the Opened
 * reaches the log even when the gate can't be reached: its id is the same every time, and D1 keeps one of them.
 */
import type { Opened } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import { withDeadline } from "../log/deadline.ts";
import { twice } from "../log/errors.ts";
import type { GroupCommit, Lifetime } from "../log/group-commit.ts";
import type { Road } from "../log/record.ts";
import type { OpenGate, Passage } from "./gate.ts";

const GATE_DEADLINE_MS = 8_000;

export interface OpenRoads {
  readonly OPENS: DurableObjectNamespace<OpenGate>;
  readonly log: Pick<GroupCommit<Road>, "append">;
}

/** Resolves when the open is in the log's hands, or was already; false when no road took it. Never rejects. */
export async function letThrough(
  opened: Opened,
  { OPENS, log }: OpenRoads,
  lifetime: Lifetime,
): Promise<boolean> {
  // A stub that failed stays broken: each try makes its own.
  const gate = () => OPENS.getByName(opened.id);
  const visit = crypto.randomUUID();
  let passage: Passage = "first";
  try {
    passage = await withDeadline(
      twice(async () => await gate().pass(visit)),
      GATE_DEADLINE_MS,
      "gate",
    );
  } catch (error) {
    console.warn(
      JSON.stringify({ message: "gate out of reach; open recorded without it", error: String(error) }),
    );
  }
  if (passage === "repeat") return true;
  const isRecorded = (await log.append(rowOf(opened), lifetime)) !== "lost";
  const mark = { atMs: opened.atMs, isBot: opened.visitor.isBot };
  lifetime.waitUntil(
    twice(async () => await (isRecorded ? gate().recorded(mark) : gate().failed())).catch((error) => {
      // The gate stays open: the next load is recorded again, which its id makes harmless.
      console.warn(JSON.stringify({ message: "open not marked in its gate", error: String(error) }));
    }),
  );
  return isRecorded;
}
