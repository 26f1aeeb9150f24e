/** What becomes of each message of a file that is rewritten. */
import { describe, expect, it } from "vitest";
import type { FiledMessage, LeftMessage } from "../../src/archive/messages/message-file.ts";
import { keyOfMessage } from "../../src/archive/messages/message-filter.ts";
import { planOf, RESTORED_MS, type RecalledMessage } from "../../src/archive/messages/rewrite-plan.ts";

const IDLE_SINCE = 100 * RESTORED_MS;
const LIMITS = { logStart: 1_000, keptFromMs: 500, idleSinceMs: IDLE_SINCE };

/** One of an event within the log, sent after what retention has deleted. */
function filed(person: string, fields: Partial<FiledMessage> = {}): FiledMessage {
  const stats = { since: 600, flags: 1, outcomeAt: null, clicks: null, botClicks: 0, recent: null, seqs: "[2000]" };
  return { email: "1", campaign: "x", person, ...stats, earlier: null, ...fields };
}

function recalledOf(...those: readonly RecalledMessage[]): ReadonlyMap<string, RecalledMessage> {
  return new Map(those.map((message) => [keyOfMessage(message), message]));
}

const back = (message: FiledMessage, fields: Partial<RecalledMessage> = {}): RecalledMessage => ({
  email: message.email,
  campaign: message.campaign,
  person: message.person,
  usedAt: IDLE_SINCE,
  stored: JSON.stringify(message),
  ...fields,
});

const a = filed("a");
const b = filed("b");
const left = (person: string, leftAt: number): LeftMessage => ({ ...filed(person), leftIn: 2, leftAt });

describe("a message file's plan", () => {
  it("is the file as it is, where nobody came back and nothing is too old", () => {
    const plan = planOf({ messages: [a, b], left: [] }, new Map(), LIMITS);
    expect(plan).toEqual({ messages: [a, b], returning: [], keptLeft: [], leaving: [], idle: 0, isSame: true });
  });

  it("keeps a message that came back as it was, and its row leaves D1: the object stays", () => {
    const plan = planOf({ messages: [a, b], left: [] }, recalledOf(back(b)), LIMITS);
    expect(plan).toEqual({ messages: [a, b], returning: [b], keptLeft: [], leaving: [], idle: 1, isSame: true });
  });

  it("keeps one that was used lately, whatever D1 has of it", () => {
    const used = { usedAt: IDLE_SINCE + 1 };
    for (const stored of [JSON.stringify(b), "{}", undefined]) {
      const plan = planOf({ messages: [a, b], left: [] }, recalledOf(back(b, { ...used, stored })), LIMITS);
      expect(plan).toEqual({ messages: [a, b], returning: [], keptLeft: [], leaving: [], idle: 0, isSame: true });
    }
  });

  it("lets one go that has changed in D1, and the object keeps it for a while", () => {
    const changed = back(b, { stored: JSON.stringify({ ...b, flags: 3 }) });
    const plan = planOf({ messages: [a, b], left: [] }, recalledOf(changed), LIMITS);
    expect(plan).toEqual({ messages: [a], returning: [], keptLeft: [], leaving: [b], idle: 1, isSame: false });
  });

  it("lets one go that was erased, and nothing keeps it", () => {
    const plan = planOf({ messages: [a, b], left: [] }, recalledOf(back(b, { stored: undefined })), LIMITS);
    expect(plan).toEqual({ messages: [a], returning: [], keptLeft: [], leaving: [], idle: 1, isSame: false });
  });

  it("lets those go whose events retention has deleted, but not a pseudonym's, nor one that came back", () => {
    const old = { since: 499, seqs: "[999]" };
    const [sentLater, inLog] = [filed("later", { ...old, since: 500 }), filed("in log", { ...old, seqs: "[1000]" })];
    const [pseudonym, recalled] = [filed("~p", old), filed("back", old)];
    const messages = [
      filed("old", old),
      sentLater,
      inLog,
      pseudonym,
      recalled,
      filed("without events", { ...old, seqs: null }),
    ];
    const plan = planOf({ messages, left: [] }, recalledOf(back(recalled)), LIMITS);
    expect(plan.messages).toEqual([sentLater, inLog, pseudonym, recalled]);
    expect([plan.leaving, plan.isSame]).toEqual([[], false]);
  });

  it("keeps those that have left for as long as D1 may be taken back, unless they came back", () => {
    const late = left("late", IDLE_SINCE - RESTORED_MS + 1);
    const those = [late, left("early", IDLE_SINCE - RESTORED_MS), left("back", IDLE_SINCE)];
    const plan = planOf({ messages: [a], left: those }, recalledOf(back(filed("back"))), LIMITS);
    expect(plan).toEqual({ messages: [a], returning: [], keptLeft: [late], leaving: [], idle: 1, isSame: false });
  });
});
