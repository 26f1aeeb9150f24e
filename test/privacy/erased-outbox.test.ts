/** What waits in the outbox while its person is erased, and is aggregated afterwards. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { logRows } from "../marketo/marketo.ts";
import { aggregate, emptyAll, erase, rowsOf } from "./people-world.ts";

beforeEach(emptyAll);

const report = async () => {
  await aggregate();
  return await emailCounts(env.DB, { bots: "exclude" }, { by: "email", limit: 10 }, Date.now());
};

describe("an erased event that was still on its way to the log", () => {
  it.each([
    ["a complaint", 9, { cause: "complaint", formFields: { note: "of q-9" } }, '{"cause":"complaint"}'],
    ["an implied Sent", 6, { address: "q-9@mail.example", implied: true }, '{"implied":true}'],
    ["a bounce", 8, { category: 2, status: "5.1.1", details: "no q-9 here" }, '{"category":2,"status":"5.1.1"}'],
    ["a Delivered", 7, { address: "q-9@mail.example" }, null],
  ])("stays what it was: %s", async (_, type, detail, kept) => {
    const row = ["waiting", type, 1, "7", "q-9", "42", null, null, null, null, 0, null, JSON.stringify(detail)];
    await env.OUTBOX.getByName(OUTBOX_NAME).addDeadLetter(`1${JSON.stringify(row)}`, "test");
    await erase({ person: "q-9" });
    expect(await rowsOf("SELECT type, detail FROM events")).toEqual([{ type, detail: kept }]);
    if (type === 9) expect(await report()).toMatchObject([{ unsubscribed: 1, complained: 1 }]);
  });

  it("does not close a message that a person opened: a bot's open", async () => {
    await logRows({ person: "q-10", type: 10, id: "of a person" });
    await aggregate();
    await erase({ person: "q-10" });
    const [{ person } = { person: "" }] = await rowsOf<{ person: string }>("SELECT person FROM events");
    await logRows({ person, type: 10, is_bot: 1, id: "of a bot" });
    expect(await report()).toMatchObject([{ opened: 1, openedByPixel: 1 }]);
  });
});
