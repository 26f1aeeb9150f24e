/**
 * As log-lines.test.ts, for what reports deliveries: webhooks, bounce mails, queues and retries.
 */
import { createMessageBatch } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { dsn, textBounce, unknownUser } from "../delivery/bounce-mail/mails.ts";
import { cloudflareEvent } from "../delivery/providers/cloudflare-event.ts";
import { CERTIFICATE_URL } from "../delivery/providers/sns-message.ts";
import { knowing, speakers, tampered, unsigned } from "../delivery/signed-webhooks.ts";
import { amazon } from "../delivery/speakers/ses.ts";
import { bouncedSend, pass, runAlarm, withoutRetries } from "../retries/world.ts";
import { environment } from "../worker.ts";
import {
  ADDRESS,
  broken,
  D1_DOWN,
  expectLines,
  expectNoSecretIn,
  keepLines,
  LINK,
  lines,
  MESSAGE,
  post,
  quoting,
  TOKENS,
  USER_AGENT,
  VISIT,
} from "./log-lines.ts";

keepLines();

describe.each(speakers)("the log lines of webhooks of $name", ({ name, sign, delivered, softBounced }) => {
  beforeEach(() => {
    vi.spyOn(globalThis, "fetch").mockImplementation(
      async (url) => new Response(String(url) === CERTIFICATE_URL ? amazon.certificatePem : ""),
    );
  });
  const bodies = [delivered(TOKENS.message, ADDRESS), softBounced(TOKENS.message, ADDRESS, "sourceId")];
  const send = (body: string, headers: Readonly<Record<string, string>>, around: Env) =>
    post(`/v1/webhooks/${name}`, body, { ...VISIT, ...headers }, around);

  it("hold no secret of one that is not signed", async () => {
    for (const body of bodies) {
      for (const wrong of [tampered, unsigned]) {
        const webhook = wrong(sign(body, Date.now()));
        expect((await send(webhook.body, webhook.headers, knowing())).status).toBe(401);
      }
    }
    expectLines("some");
  });

  it("hold no secret of one that is signed and not recorded, or says nothing that can be read", async () => {
    for (const body of bodies) {
      const webhook = sign(body, Date.now());
      expect((await send(webhook.body, webhook.headers, broken())).status).toBe(503);
    }
    const foreign = sign(JSON.stringify({ [ADDRESS]: TOKENS.message }), Date.now());
    await send(foreign.body, foreign.headers, knowing());
    expectLines("some");
  });
});

describe("the log lines of bounce mails", () => {
  const to = `bounces+${TOKENS.message}@mail.example.com`;
  const receive = (mail: Uint8Array, around: Env) => {
    const nobody = () => Promise.reject(new Error("nothing is to be sent"));
    const raw = new Blob([mail]).stream();
    const headers = new Headers();
    const more = { rawSize: mail.length, headers, setReject: () => {}, forward: nobody, reply: nobody };
    return worker.email({ from: ADDRESS, to, raw, ...more }, around);
  };
  const mails = [
    dsn({
      recipients: [unknownUser(ADDRESS)],
      original: [`X-Waxseal-Message: ${TOKENS.message}`, `To: ${ADDRESS}`],
    }),
    textBounce(`The following address failed: <${ADDRESS}>: 550 5.1.1 user unknown`),
  ];

  it("hold no secret of one that is not recorded, nor does the error that the server is refused with", async () => {
    const errors: unknown[] = [];
    for (const mail of mails) await receive(mail, broken()).catch((error: unknown) => errors.push(error));
    expect(errors.length).toBeGreaterThan(0);
    expectLines("some");
    expectNoSecretIn(errors.map(String).join("\n"));
  });

  it("hold no secret of a mail that is no bounce, or none of ours", async () => {
    await receive(textBounce(`Hello, this is ${ADDRESS}. My token is ${TOKENS.u}.`), knowing());
    await receive(dsn({ recipients: [unknownUser(ADDRESS)], original: [`X-Waxseal-Message: ${TOKENS.o}`] }), knowing());
    expectLines("some");
  });
});

describe("the log lines behind the queues", () => {
  const batchOf = (queue: string, ...bodies: readonly unknown[]) =>
    createMessageBatch(
      queue,
      bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
    );
  const row = JSON.stringify([
    "id",
    11,
    1,
    "7",
    MESSAGE.person,
    "42",
    null,
    LINK.id,
    LINK.url,
    USER_AGENT,
    0,
    null,
    null,
  ]);

  it("hold no secret of a batch that D1 does not take, whether it passes or not", async () => {
    await worker.queue(batchOf("waxseal-events", `1${row}`, `9${ADDRESS}`), broken());
    const never = quoting<D1Database>("D1_ERROR: datatype mismatch");
    await worker.queue(batchOf("waxseal-events", `1${row}`), knowing({ DB: never }));
    await worker.queue(batchOf("waxseal-dead-letters", `1${row}`, ADDRESS), knowing());
    expectLines("some");
  });

  it("hold no secret of an event of Cloudflare's", async () => {
    const event = cloudflareEvent("bounced", {
      sender: `news+${TOKENS.message}@example.com`,
      recipient: ADDRESS,
    });
    await worker.queue(batchOf("waxseal-email-events", event, { [ADDRESS]: TOKENS.message }, ADDRESS), broken());
    expectLines("some");
  });
});

describe("the log lines of retries", () => {
  beforeEach(withoutRetries);

  it("hold no secret when D1 fails", async () => {
    await bouncedSend({ address: ADDRESS.toLowerCase() });
    await pass(1);
    await runAlarm(environment({ DB: quoting(D1_DOWN) }));
    expectLines("some");
    expect(lines.join("\n")).toContain("retries are delayed");
  });
});
