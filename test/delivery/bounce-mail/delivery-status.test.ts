import { describe, expect, it } from "vitest";
import { readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { dsn, failed, mailboxFull, unknownUser } from "./mails.ts";

const findingsOf = async (mail: Uint8Array) => (await readBounceMail(mail)).findings;
const one = async (...fields: readonly string[]) => (await findingsOf(dsn({ recipients: [fields] })))[0];

describe("an RFC 3464 delivery report", () => {
  it("reports each recipient by itself", async () => {
    const recipients = [unknownUser("marie@example.com"), mailboxFull("jean@example.com")];
    expect(await findingsOf(dsn({ recipients }))).toEqual([
      {
        recipient: "marie@example.com",
        mailed: undefined,
        action: "failed",
        bounce: { category: 2, status: "5.1.1", details: "550 5.1.1 <marie@example.com>... User unknown" },
      },
      {
        recipient: "jean@example.com",
        mailed: undefined,
        action: "failed",
        bounce: { category: 3, status: "5.2.2", details: "552 5.2.2 <jean@example.com>... Mailbox full" },
      },
    ]);
  });

  it.each([
    ["failed", "failed"],
    ["FAILED (unknown)", "failed"],
    // OpenSMTPD's word.
    ["error", "failed"],
    ["delayed", "delayed"],
    ["delivered", "delivered"],
    // Accepted at the address that was mailed, whatever becomes of the copies (§2.3.3).
    ["expanded", "delivered"],
  ])("with Action: %s means %s", async (action, meant) => {
    const finding = await one("Final-Recipient: rfc822; marie@example.com", `Action: ${action}`, "Status: 5.0.0");
    expect(finding?.action).toBe(meant);
  });

  it.each([
    "relayed",
    // Postfix's answer to "sendmail -bv", which asks whether an address would do.
    "deliverable",
  ])("with Action: %s has no outcome", async (action) => {
    expect(
      await one("Final-Recipient: rfc822; marie@example.com", `Action: ${action}`, "Status: 2.1.5"),
    ).toBeUndefined();
  });

  it("without Action is read by its status, and a transient one is no failure", async () => {
    const finalRecipient = "Final-Recipient: rfc822; marie@example.com";
    expect((await one(finalRecipient, "Status: 5.1.1"))?.action).toBe("failed");
    expect((await one(finalRecipient, "Status: 4.4.7"))?.action).toBe("delayed");
    expect(await one(finalRecipient, "Status: 2.0.0")).toBeUndefined();
    expect(await one(finalRecipient)).toBeUndefined();
  });

  it("names a mailbox by its address, not by its store", async () => {
    const finding = await one(
      "Original-Recipient: rfc822; marie@example.com",
      "Final-Recipient: rfc822; @store.example.com:35065@lmtp-daemon",
      "Action: failed",
      "Status: 5.1.1",
    );
    expect(finding).toMatchObject({ recipient: "marie@example.com", bounce: { category: 2 } });
  });

  it.each([
    ["DATA, whatever status the sending server gave it", "554 5.0.0 Service unavailable", 9],
    ["RCPT, where no recipient was accepted", "<<< 554 5.5.1 Error: no valid recipients", 2],
  ])("takes the command from the session that the notice shows: %s", async (_, after, category) => {
    const notice = `   ----- Transcript of session follows -----\n>>> DATA\n<<< 550 Unknown user marie\n${after}`;
    const recipients = [failed("marie@example.com", "5.2.0", "550 Unknown user marie")];
    expect(await findingsOf(dsn({ recipients, notice }))).toMatchObject([{ bounce: { category } }]);
  });

  it("takes the command of its own reply, of several sessions", async () => {
    const notice =
      ">>> DATA\n<<< 550 You cannot send mail to yourself\n421 mx.example.org Deferred\n" +
      ">>> RCPT To:<marie@example.com>\n<<< 550 Requested user not found\n550 <marie@example.com>... User unknown";
    const recipients = [failed("marie@example.com", "5.0.0", "550 Requested user not found")];
    expect(await findingsOf(dsn({ recipients, notice }))).toMatchObject([{ bounce: { category: 2 } }]);
  });

  it("is read in ISO-2022-JP, which reports cannot declare", async () => {
    const said = "550 \u001b$B%f!<%6!<$,B8:_$7$^$;$s\u001b(B";
    const recipients = [failed("marie@example.com", "5.0.0", said)];
    expect(await findingsOf(dsn({ recipients }))).toMatchObject([
      { bounce: { category: 2, details: "550 ユーザーが存在しません" } },
    ]);
  });

  it("is not contradicted by a footer of the notice", async () => {
    const notice =
      "Delivery to the following recipients failed.\n\n   marie@example.com\n\n\nWorking together\n" +
      "____________________\nThis mail was scanned for viruses and offensive content. Unauthorized use is prohibited.";
    const recipients = [["Final-Recipient: rfc822;marie@example.com", "Action: failed", "Status: 5.1.1"]];
    expect(await findingsOf(dsn({ recipients, notice }))).toMatchObject([{ bounce: { category: 2 } }]);
  });

  it("gives the address that was mailed as well as the one that failed", async () => {
    const finding = await one(
      "Original-Recipient: rfc822;info@example.com",
      "Final-Recipient: rfc822;marie@example.com",
      "Action: failed",
      "Status: 5.1.1",
    );
    expect(finding).toMatchObject({ recipient: "marie@example.com", mailed: "info@example.com" });
  });

  it.each([
    "rfc822; marie@example.com",
    "RFC822;marie@example.com",
    "rfc822; <marie@example.com>",
    "rfc822 ;  marie@example.com (Marie)",
    "utf-8; marie@example.com",
    "marie@example.com",
  ])("is read however the address is spelled: %s", async (address) => {
    expect((await one(`Final-Recipient: ${address}`, "Action: failed", "Status: 5.1.1"))?.recipient).toBe(
      "marie@example.com",
    );
  });

  it("is read in any order and case of fields, folded, and with comments in the status", async () => {
    const finding = await one(
      "diagnostic-code: smtp; 550-5.1.1 The email account that you tried to reach\n    does not exist.",
      "ACTION: failed",
      "Status: 5.1.1 (bad destination mailbox address)",
      "final-recipient: rfc822; marie@example.com",
    );
    expect(finding?.bounce).toEqual({
      category: 2,
      status: "5.1.1",
      details: "550-5.1.1 The email account that you tried to reach does not exist.",
    });
  });

  it("takes the server's own status where the report's says nothing", async () => {
    const finding = await one(...failed("marie@example.com", "5.0.0", "550 5.2.2 Mailbox full"));
    expect(finding?.bounce).toMatchObject({ category: 3, status: "5.2.2" });
  });

  it("without a diagnostic takes the details from its text", async () => {
    const recipients = [["Final-Recipient: rfc822; marie@example.com", "Action: failed", "Status: 5.0.0"]];
    const notice = "It failed:\n\n<marie@example.com>: host mx.example.com said:\n    550 5.1.1 No such user";
    const [finding] = await findingsOf(dsn({ recipients, notice }));
    expect(finding?.bounce).toEqual({ category: 2, status: "5.1.1", details: "550 5.1.1 No such user" });
  });

  it("of an unknown user is category 2 after RCPT, and after DATA only if the status code agrees", async () => {
    const recipients = [failed("marie@example.com", "5.2.1", "550 5.2.1 User unknown")];
    const category = async (notice: string) => (await findingsOf(dsn({ recipients, notice })))[0]?.bounce?.category;
    const said = "<marie@example.com>: host mx.example.com said: 550 5.2.1 User unknown";
    expect(await category(`${said} (in reply to RCPT TO command)`)).toBe(2);
    expect(await category(`${said} (in reply to end of DATA command)`)).toBe(9);
    expect(await category("... while talking to mx:\n>>> DATA\n<<< 550 5.2.1 User unknown")).toBe(9);
    expect(await category(">>> RCPT To:<marie@example.com>\n<<< 550 5.2.1 User unknown\n>>> DATA\n<<< 503 no")).toBe(2);
  });

  it("that names no recipient is read from its text", async () => {
    const notice = "Delivery failed permanently to the following:\n\n   * marie@example.com\n     550 User unknown";
    const [finding] = await findingsOf(dsn({ recipients: [], notice }));
    expect(finding).toMatchObject({
      recipient: "marie@example.com",
      action: "failed",
      bounce: { category: 2 },
    });
  });

  it("needs no empty line between two recipients", async () => {
    const recipients = [[...unknownUser("marie@example.com"), ...mailboxFull("jean@example.com")]];
    const findings = await findingsOf(dsn({ recipients }));
    expect(findings.map(({ recipient, bounce }) => [recipient, bounce?.category])).toEqual([
      ["marie@example.com", 2],
      ["jean@example.com", 3],
    ]);
  });

  it("counts as an attachment, too, and encoded", async () => {
    const fields = unknownUser("marie@example.com").join("\r\n");
    const mail = new TextEncoder().encode(
      [
        "From: MAILER-DAEMON@mx.example.com",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        "Content-Type: message/delivery-status; name=details.txt",
        "Content-Disposition: attachment; filename=details.txt",
        "Content-Transfer-Encoding: base64",
        "",
        btoa(`Reporting-MTA: dns; mx\r\n\r\n${fields}\r\n`),
        "--b--",
      ].join("\r\n"),
    );
    expect((await findingsOf(mail))[0]).toMatchObject({
      recipient: "marie@example.com",
      bounce: { category: 2 },
    });
  });
});
