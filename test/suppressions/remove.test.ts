/** DELETE /v1/suppressions: an invalid address is removed once it works again. */
import { describe, expect, it, vi } from "vitest";
import { faultyDatabase, inTurn } from "../faults/broken.ts";
import {
  complains,
  decorateFor,
  newSend,
  outcomesOf,
  post,
  removeSuppression,
  reportOutcomes,
  suppressionCheckOf,
  type TestSend,
  typesOf,
} from "../outcomes.ts";
import { ask, environment, token } from "../worker.ts";

const INVALID = { suppressed: true, reasons: [{ reason: "invalid" }] };
const FREE = { suppressed: false, reasons: [] };

const bouncesForEver = (send: Partial<TestSend>) => reportOutcomes(send, { type: "hard_bounced", category: 2 });
const unsubscribes = (send: TestSend) => ask(`/u/${token("unsubscribe", send)}`, { method: "POST" });

describe("DELETE /v1/suppressions", () => {
  const WORDS = { who: "lea@sender.example", why: "the mailbox is back" };

  it("removes an invalid address, and logs who did it and why", async () => {
    const send = newSend();
    await bouncesForEver(send);
    const { status, body } = await removeSuppression({ address: send.address, ...WORDS });
    expect([status, body]).toEqual([200, { removed: true }]);
    expect(await suppressionCheckOf(send)).toEqual(FREE);
    expect((await outcomesOf(send.person)).at(-1)).toMatchObject({
      type: 100_002,
      send: send.send,
      detail: { ...WORDS, address: send.address },
    });
  });

  it("takes the person, whose address it is", async () => {
    const send = newSend();
    await bouncesForEver(send);
    await removeSuppression({ person: send.person, ...WORDS });
    expect(await suppressionCheckOf(send)).toEqual(FREE);
    const { address: _, ...unknown } = newSend();
    await bouncesForEver(unknown);
    expect((await removeSuppression({ person: unknown.person, ...WORDS })).status).toBe(200);
    expect(await suppressionCheckOf(unknown)).toEqual(FREE);
  });

  it("outlasts a second report of the same bounce, but not another bounce", async () => {
    const send = newSend();
    await bouncesForEver(send);
    await removeSuppression({ address: send.address, ...WORDS });
    await bouncesForEver(send);
    expect(await suppressionCheckOf(send)).toEqual(FREE);
    await bouncesForEver({ ...send, send: "later" });
    expect(await suppressionCheckOf(send)).toMatchObject(INVALID);
  });

  it("removes an opt-out that only follows an address of somebody else's, when it is asked for", async () => {
    const [stranger, send] = [newSend(), newSend()];
    await decorateFor(stranger);
    await unsubscribes(stranger);
    const { person, address } = send;
    // A wrong address, and then theirs: nobody has ever mailed them.
    for (const named of [stranger.address, address])
      expect((await decorateFor({ person, address: named })).status).toBe(409);
    expect((await removeSuppression({ person, ...WORDS })).status).toBe(404);
    const removal = { person, reason: "unsubscribed", ...WORDS };
    for (let time = 0; time < 2; time++)
      expect(await removeSuppression(removal)).toEqual({ status: 200, body: { removed: true } });
    expect(await suppressionCheckOf({ person, address })).toEqual(FREE);
    expect((await decorateFor({ person, address })).status).toBe(200);
    for (const kept of [{ person: stranger.person }, { address: stranger.address }])
      expect(await suppressionCheckOf(kept)).toMatchObject({ suppressed: true });
    expect(await outcomesOf(person)).toMatchObject([{ type: 100_002, detail: { ...WORDS, reason: "unsubscribed" } }]);
    expect(await typesOf(stranger.person)).toEqual(["unsubscribed"]);
  });

  it.each(["person", "address"] as const)("lifts an opt-out by the %s, as if they subscribed again now", async (by) => {
    const send = newSend();
    await decorateFor(send);
    await unsubscribes(send);
    expect((await removeSuppression({ [by]: send[by], ...WORDS })).status).toBe(404);
    const removal = { [by]: send[by], reason: "unsubscribed", ...WORDS };
    for (let time = 0; time < 2; time++) expect((await removeSuppression(removal)).body).toEqual({ removed: true });
    for (const whom of [{ person: send.person }, { address: send.address }])
      expect(await suppressionCheckOf(whom)).toEqual(FREE);
    const log = await outcomesOf(send.person);
    expect(log).toMatchObject([{ type: 9 }, { type: 100_001, detail: WORDS }]);
    await complains(send, Date.now() - 60_000);
    expect(await suppressionCheckOf(send)).toEqual(FREE);
    await unsubscribes(send);
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: true });
  });

  it("leaves that of another person who has the address, and lifts one that was added to an address", async () => {
    const [send, other] = [newSend(), newSend()];
    for (const { person } of [send, other]) await decorateFor({ person, address: send.address });
    await unsubscribes(send);
    await unsubscribes(other);
    await removeSuppression({ person: send.person, reason: "unsubscribed", ...WORDS });
    expect(await suppressionCheckOf({ person: other.person })).toMatchObject({ suppressed: true });
    const { address } = newSend();
    const atMs = Date.now() - 60_000;
    const added = { address, reason: "unsubscribed", at: new Date(atMs).toISOString() };
    await post("/v1/suppressions", added);
    await removeSuppression({ address, reason: "unsubscribed", ...WORDS });
    expect(await suppressionCheckOf({ address })).toEqual(FREE);
    await post("/v1/suppressions", { ...added, at: new Date(atMs - 1).toISOString() });
    expect(await suppressionCheckOf({ address })).toEqual(FREE);
  });

  it("lifts a block of a day, also of bounces from before that are reported later", async () => {
    const send = newSend();
    const blocks = (name: string) =>
      reportOutcomes({ ...send, send: name }, { type: "hard_bounced", category: 1, at: Date.now() - 60_000 });
    await blocks("first");
    expect((await removeSuppression({ person: send.person, reason: "blocked", ...WORDS })).status).toBe(200);
    await blocks("late");
    for (const whom of [{ person: send.person }, { address: send.address }])
      expect(await suppressionCheckOf(whom)).toEqual(FREE);
  });

  it("is 404 when there is nothing to remove, and logs nothing", async () => {
    const send = newSend();
    await unsubscribes(send);
    expect(await removeSuppression({ person: send.person, ...WORDS })).toMatchObject({
      status: 404,
      body: { error: { code: "not_found", field: "person" } },
    });
    expect(await typesOf(send.person)).toEqual(["unsubscribed"]);
    expect(await suppressionCheckOf({ person: send.person })).toMatchObject({ suppressed: true });
  });

  it("answers the same when the same is asked again within a day, and logs nothing more", async () => {
    const send = newSend();
    await bouncesForEver(send);
    const removal = { address: send.address, ...WORDS };
    for (let time = 0; time < 3; time++)
      expect(await removeSuppression(removal)).toEqual({ status: 200, body: { removed: true } });
    expect(await typesOf(send.person)).toEqual(["sent", "hardBounced", "suppressionRemoved"]);
    expect((await removeSuppression({ ...removal, who: "somebody else" })).status).toBe(404);
    await bouncesForEver({ ...send, send: "later" });
    expect((await removeSuppression(removal)).status).toBe(200);
    expect(await suppressionCheckOf(send)).toEqual(FREE);
    const after = Date.now() + 25 * 60 * 60 * 1000;
    vi.spyOn(Date, "now").mockReturnValue(after);
    expect((await removeSuppression(removal)).status).toBe(404);
    vi.restoreAllMocks();
  });

  it("says so when D1 committed it without being able to say so", async () => {
    const send = newSend();
    await bouncesForEver(send);
    const DB = faultyDatabase(inTurn(["commits and loses the connection", undefined]));
    const { body } = await removeSuppression({ address: send.address, ...WORDS }, environment({ DB }));
    expect(body).toEqual({ removed: true });
    expect(await typesOf(send.person)).toEqual(["sent", "hardBounced", "suppressionRemoved"]);
  });

  it.each([
    ["who", "missing_field", { who: undefined }],
    ["why", "invalid_field", { why: "  " }],
    ["why", "invalid_field", { why: "x".repeat(501) }],
    ["address", "missing_field", { address: undefined }],
    ["reason", "invalid_field", { reason: "angry" }],
    ["at", "unknown_field", { at: 7 }],
  ])("refuses a wrong %s (%s), and changes nothing", async (field, code, change) => {
    const send = newSend();
    await bouncesForEver(send);
    const body = { address: send.address, ...WORDS, ...change };
    expect(await removeSuppression(body)).toMatchObject({
      status: 400,
      body: { error: { code, field } },
    });
    expect(await suppressionCheckOf(send)).toMatchObject(INVALID);
  });
});
