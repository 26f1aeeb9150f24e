/** A copy's envelope sender, and the bounce that comes back to it. */
import { describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { dsn, unknownUser } from "../delivery/bounce-mail/mails.ts";
import { newSend, outcomesOf, post } from "../outcomes.ts";
import { environment } from "../worker.ts";

const around = environment({ BOUNCE_ADDRESS: "bounces@mail.example.com" });

/** A report of an unknown user that returns nothing of the mail, to this recipient of the envelope. */
async function bounceTo(to: string, address: string): Promise<void> {
  const mail = dsn({ recipients: [unknownUser(address)] });
  const refuse = () => Promise.reject(new Error("nothing is to be sent"));
  const raw = new Blob([mail]).stream();
  const [rawSize, headers, setReject] = [mail.length, new Headers(), () => undefined];
  await worker.email({ from: "", to, raw, rawSize, headers, setReject, forward: refuse, reply: refuse }, around);
}

describe("the envelope sender of a copy", () => {
  it.each([
    ["as it was", (returnPath: string) => returnPath],
    ["with its local part in lower case", (returnPath: string) => returnPath.toLowerCase()],
    ["in upper case", (returnPath: string) => returnPath.toUpperCase()],
  ])("finds the send of a bounce that comes back to it %s", async (_how, returned) => {
    const { address } = newSend();
    const person = Math.floor(Math.random() * 1e9);
    const body = { email: { id: 1042 }, campaign: { id: 88_012 }, person: { id: person, address }, text: "Hello" };
    const { body: copy } = await post("/v1/decorate", body, around);
    await bounceTo(returned(String(copy.returnPath)), address);
    expect(await outcomesOf(String(person))).toMatchObject([{ type: 6, detail: { implied: true } }, { type: 8 }]);
  });
});
