import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendKey } from "../../../src/events/send-key.ts";
import worker from "../../../src/index.ts";
import { suppressionsOf } from "../../../src/suppressions/suppressions.ts";
import type { Message } from "../../../src/tokens/claims.ts";
import { faultyDatabase } from "../../faults/broken.ts";
import { environment, logOf, newMessage, token } from "../../worker.ts";
import { abuseReport, dsn, mailboxFull, raw, TOKEN, textBounce, unknownUser } from "./mails.ts";

const SENT = 6;
const HARD_BOUNCED = 8;
const SOFT_BOUNCED = 27;
const DELIVERED = 7;
const UNSUBSCRIBED = 9;

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const level of ["log", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void logged.push(words.join(" ")));
});
afterEach(() => vi.restoreAllMocks());

interface Received {
  readonly from?: string;
  readonly to?: string;
  readonly environmentOf?: Env;
}

/** One mail to the bounce address, as Cloudflare hands it over; the reasons it was rejected for. */
async function receive(
  mail: Uint8Array,
  { from = "", to = "bounces@mail.example.com", environmentOf = env }: Received = {},
): Promise<readonly string[]> {
  const rejected: string[] = [];
  const refuse = () => Promise.reject(new Error("nothing is to be sent"));
  await worker.email(
    {
      from,
      to,
      raw: new Blob([mail]).stream(),
      rawSize: mail.length,
      headers: new Headers(),
      setReject: (reason) => void rejected.push(reason),
      forward: refuse,
      reply: refuse,
    },
    environmentOf,
  );
  return rejected;
}

const signed = (message: Message) => token("message", { ...message, send: "s1" });
const header = (message: Message) => [`X-Waxseal-Message: ${signed(message)}`];
const reasonsOf = async (recipient: { readonly person?: string; readonly address?: string }) =>
  (await suppressionsOf(env.DB, [recipient], Date.now()))[0]?.map(({ reason }) => reason);

async function knownMessage(address: string): Promise<Message> {
  const message = newMessage();
  await env.DB.prepare("INSERT INTO people (person, address) VALUES (?, ?)").bind(message.person, address).run();
  return message;
}

describe("a bounce mail", () => {
  it("of an unknown user suppresses the address, once, however often it arrives", async () => {
    const message = await knownMessage("marie1@example.com");
    const mail = dsn({ recipients: [unknownUser("marie1@example.com")], original: header(message) });
    for (let time = 0; time < 3; time++) expect(await receive(mail)).toEqual([]);
    const log = await logOf(message.person);
    expect(log.map(({ type }) => type)).toEqual([SENT, HARD_BOUNCED]);
    expect(log[1]?.detail).toContain("550 5.1.1 <marie1@example.com>... User unknown");
    expect(await reasonsOf({ person: message.person })).toEqual(["invalid"]);
    expect(await reasonsOf({ address: "marie1@example.com" })).toEqual(["invalid"]);
  });

  it("without a delivery report finds its send by the address that it was sent to", async () => {
    const message = newMessage();
    const mail = textBounce("Delivery failed:\n\n<marie@example.com>:\n552 5.2.2 Mailbox full");
    await receive(mail, { to: `bounces+${signed(message)}@mail.example.com` });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([SENT, SOFT_BOUNCED]);
    expect(await reasonsOf({ person: message.person })).toEqual([]);
    const due = env.DB.prepare("SELECT due_at FROM soft_bounced_sends WHERE key = ?").bind(
      sendKey({ ...message, send: "s1" }),
    );
    expect(await due.first<number>("due_at")).toBeGreaterThan(Date.now());
  });

  it("finds its send by the Message-ID of the returned mail", async () => {
    const message = newMessage();
    const original = [`Message-ID: <${signed(message)}@mail.example.com>`];
    await receive(dsn({ recipients: [mailboxFull("marie@example.com")], original }));
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([SENT, SOFT_BOUNCED]);
  });

  it("is two events when the server refused twice", async () => {
    const message = newMessage();
    const bounce = (id: string) =>
      receive(
        textBounce("Delivery failed:\n\n<marie@example.com>:\n552 Mailbox full", [
          `Message-ID: <${id}@mx.example.com>`,
        ]),
        { to: `bounces+${signed(message)}@mail.example.com` },
      );
    await bounce("first");
    await bounce("second");
    await bounce("first");
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([SENT, SOFT_BOUNCED, SOFT_BOUNCED]);
  });

  it("about a delay is no event, and one about a delivery is Delivered", async () => {
    const message = newMessage();
    const recipientsWith = (action: string) => [
      ["Final-Recipient: rfc822; marie@example.com", `Action: ${action}`, "Status: 4.4.7"],
    ];
    await receive(dsn({ recipients: recipientsWith("delayed"), original: header(message) }));
    expect(await logOf(message.person)).toEqual([]);
    await receive(dsn({ recipients: recipientsWith("delivered"), original: header(message) }));
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([SENT, DELIVERED]);
  });

  it("that is a complaint unsubscribes", async () => {
    const message = await knownMessage("marie2@example.com");
    await receive(abuseReport("abuse", header(message)), { from: "feedback@isp.example" });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([UNSUBSCRIBED]);
    expect(await reasonsOf({ address: "marie2@example.com" })).toEqual(["unsubscribed"]);
  });
});

describe("nobody is suppressed", () => {
  /** What the log and the suppressions have of a person. */
  const heldOf = async ({ person }: Message) => [await logOf(person), await reasonsOf({ person })];
  const NOTHING = [[], []];

  it("by an ordinary mail, an autoreply or a challenge that holds a genuine token", async () => {
    const message = newMessage();
    const to = `bounces+${signed(message)}@mail.example.com`;
    const said = ["From: marie@example.com", ...header(message), `In-Reply-To: <${signed(message)}@mail.example.com>`];
    await receive(raw(...said, "", "550 5.1.1 User unknown: marie@example.com"), {
      from: "marie@example.com",
      to,
    });
    await receive(raw(...said, "Auto-Submitted: auto-replied", "", "I am away."), { to });
    await receive(
      raw(...said, "", "Please confirm your message, it could not be delivered to:\n\n marie@example.com"),
      { to },
    );
    expect(await heldOf(message)).toEqual(NOTHING);
    expect(logged).toHaveLength(3);
  });

  it("by a token that is forged, cut, of another use, or none", async () => {
    const message = newMessage();
    const genuine = signed(message);
    const at = genuine.length - 3;
    const tokens = [
      TOKEN,
      genuine.slice(0, -1),
      `${genuine.slice(0, at)}${genuine[at] === "A" ? "B" : "A"}${genuine.slice(at + 1)}`,
      token("open", message),
      token("unsubscribe", message),
      "",
    ];
    for (const each of tokens) {
      const original = ["To: marie@example.com", `X-Waxseal-Message: ${each}`];
      const to = `bounces+${each}@mail.example.com`;
      await receive(dsn({ recipients: [unknownUser("marie@example.com")], original }), { to });
    }
    expect(await heldOf(message)).toEqual(NOTHING);
    expect(logged).toEqual(tokens.map(() => expect.stringContaining("a bounce mail carries no valid message token")));
  });

  it("by a forged bounce but its writer: it cannot name another address", async () => {
    const attacker = await knownMessage("attacker@example.org");
    const victim = await knownMessage("victim@example.com");
    const forged = [...unknownUser("victim@example.com"), "Original-Recipient: rfc822; victim@example.com"];
    await receive(dsn({ recipients: [forged], original: ["To: victim@example.com", ...header(attacker)] }));
    const complaint = ["To: victim@example.com", ...header(attacker)];
    await receive(abuseReport("abuse", complaint, ["Original-Rcpt-To: <victim@example.com>"]));
    expect(await heldOf(victim)).toEqual(NOTHING);
    expect(await reasonsOf({ address: "victim@example.com" })).toEqual([]);
    expect(await reasonsOf({ person: attacker.person })).toEqual(["invalid", "unsubscribed"]);
  });

  it("by a mail of 20 MB, one nested ten deep, or one that is broken", async () => {
    const message = newMessage();
    const bounce = dsn({ recipients: [unknownUser("marie@example.com")], original: header(message) });
    const endless = new Uint8Array(20_000_000).fill(0x0a);
    const begin = new TextEncoder().encode("From: MAILER-DAEMON@mx.example.com\r\n\r\n");
    endless.set(begin);
    endless.set(bounce, endless.length - bounce.length);
    await receive(endless);
    let nested = new TextDecoder().decode(bounce);
    for (let depth = 0; depth < 10; depth++) nested = `Content-Type: message/rfc822\r\n\r\n${nested}`;
    await receive(new TextEncoder().encode(nested));
    const headless = new TextDecoder().decode(bounce).replace(/^From: .*\r\n/, "\r\n\u0000\r\n");
    await receive(new TextEncoder().encode(headless.slice(0, headless.indexOf("Action:"))));
    await receive(new Uint8Array(1_000).fill(0xff));
    await receive(new Uint8Array());
    expect(await heldOf(message)).toEqual(NOTHING);
  });
});

describe("when it cannot be recorded", () => {
  const overloaded = environment({ DB: faultyDatabase(() => "overloaded") });

  it("throws, so that the sending server tries again; then it is one event", async () => {
    const message = newMessage();
    const mail = dsn({ recipients: [unknownUser("marie@example.com")], original: header(message) });
    await expect(receive(mail, { environmentOf: overloaded })).rejects.toThrow("overloaded");
    expect(await logOf(message.person)).toEqual([]);
    const unsure = environment({ DB: faultyDatabase(() => "commits and loses the connection") });
    await expect(receive(mail, { environmentOf: unsure })).rejects.toThrow("connection lost");
    await receive(mail);
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([SENT, HARD_BOUNCED]);
  });

  it("throws when the mail breaks off, or the Worker has no keys", async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error("expired")),
    });
    const mail = { from: "", to: "", raw: broken, rawSize: 1, headers: new Headers() };
    const refuse = () => Promise.reject(new Error("nothing is to be sent"));
    const message: ForwardableEmailMessage = { ...mail, setReject: () => {}, forward: refuse, reply: refuse };
    await expect(worker.email(message, env)).rejects.toThrow("expired");
    await expect(receive(textBounce(""), { environmentOf: environment({ TOKEN_KEYS: "" }) })).rejects.toThrow(
      "TOKEN_KEYS is missing",
    );
  });

  it("accepts and drops mail that is not a bounce, even while D1 is down", async () => {
    expect(await receive(textBounce("Hello"), { environmentOf: overloaded })).toEqual([]);
    const foreign = dsn({ recipients: [unknownUser("marie@example.com")] });
    expect(await receive(foreign, { environmentOf: overloaded })).toEqual([]);
  });
});

it("writes no address and no token to the log", async () => {
  const message = newMessage();
  const mail = dsn({ recipients: [unknownUser("marie@example.com")], original: header(message) });
  const to = `bounces+${signed(message)}@mail.example.com`;
  await receive(mail, { to });
  await receive(dsn({ recipients: [unknownUser("marie@example.com")] }));
  await receive(textBounce("Hello marie@example.com"), { from: "marie@example.com", to });
  const down = environment({ DB: faultyDatabase(() => "overloaded") });
  await expect(receive(mail, { to, environmentOf: down })).rejects.toThrow();
  expect(logged).toHaveLength(3);
  for (const line of logged) {
    expect(line).not.toMatch(/example\.com/);
    expect(line).not.toContain(signed(message).slice(0, 10));
  }
});
