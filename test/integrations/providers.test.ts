/**
 * The real SDK of each provider posts what its function makes, and the provider's webhook, made from what arrived, is
 * recorded at the message.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Decorated, decorate, type Recipient } from "../../src/decorate/index.ts";
import { type LocalWorker, startLocalWorker } from "../../src/dev/local-worker.ts";
import { cloudflareEmail, cloudflareRequest } from "../../src/integrations/cloudflare.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { cloudflareEvent } from "../delivery/providers/cloudflare-event.ts";
import { CERTIFICATE_URL } from "../delivery/providers/sns-message.ts";
import { amazon } from "../delivery/speakers/ses.ts";
import { ADDRESS, HTML, list, MAIL, OWN, object, PROVIDER_CASES, TEXT } from "./provider-cases.ts";
import { type ProviderServer, startProviderServer } from "./provider-server.ts";

let server: ProviderServer;
let worker: LocalWorker;
beforeAll(async () => {
  const settings = Object.assign({}, ...PROVIDER_CASES.map(({ speaker }) => speaker.setting));
  [server, worker] = await Promise.all([
    startProviderServer(),
    startLocalWorker({
      script: inject("workerScript"),
      settings,
      consumers: { "waxseal-email-events": { maxBatchTimeout: 0.05 } },
      configure: ({ workers: [waxseal, ...others], ...runtime }) => ({
        ...runtime,
        workers: [
          {
            ...waxseal,
            email: { send_email: [{ name: "EMAIL" }] },
            queueProducers: { ...Object(waxseal.queueProducers), EMAIL_EVENTS: { queueName: "waxseal-email-events" } },
            outboundService: ({ url }) =>
              new Response(url === CERTIFICATE_URL ? amazon.certificatePem : "", { status: 200 }),
          },
          ...others,
        ],
      }),
    }),
  ]);
});
afterAll(async () => {
  await Promise.all([server?.stop(), worker?.stop()]);
});

let lastPerson = 0;
const MAILING = { email: 1042, campaign: 88012 };
function newCopy(
  source: { html?: string; text?: string } = { html: HTML, text: TEXT },
  person: string | number = ++lastPerson,
  mailing: Omit<Recipient, "person"> = MAILING,
): Decorated {
  const keys = parseTokenKeys(worker.tokenKeys);
  if (!keys.ok) throw new Error(keys.reason);
  return decorate(source, { keys: keys.value, origin: worker.origin }, { ...mailing, person });
}

/** The types of the person's events, as the feed has them; each is at the message. */
async function feedOf(
  person: string | number,
  { email, campaign }: Omit<Recipient, "person"> = MAILING,
): Promise<readonly string[]> {
  const answer = await fetch(`${worker.origin}/v1/events?person=${person}`, {
    headers: { Authorization: `Bearer ${worker.apiKey}` },
  });
  const { data } = object(await answer.json());
  const message = { email: { id: email }, person: { id: person }, campaign: { id: campaign } };
  expect(data).toEqual(list(data).map(() => expect.objectContaining(message)));
  return list(data)
    .map(({ type }) => String(type))
    .toSorted();
}

describe.each(PROVIDER_CASES)("$name", ({ speaker, send, read, event }) => {
  it("gets the copy and its headers, and its webhook finds the message", async () => {
    const copy = newCopy();
    await send(copy, server);
    const { body } = server.requests.at(-1) ?? { body: {} };
    const { html, text, headers: got } = read(body);
    expect([html, text]).toEqual([copy.html, copy.text]);
    expect(got).toMatchObject({ "X-Own": "kept", ...copy.headers });
    expect(Object.keys(got).filter((name) => name.toLowerCase() === "list-unsubscribe")).toHaveLength(1);
    const webhook = speaker.sign(event(body), Date.now());
    const answer = await fetch(`${worker.origin}/v1/webhooks/${speaker.name}`, { method: "POST", ...webhook });
    expect([answer.status, await answer.json()]).toEqual([200, { recorded: 1, ignored: 0 }]);
    expect(await feedOf(lastPerson)).toEqual(["delivered", "sent"]);
  });

  it("gets text alone when the copy has no HTML", async () => {
    const copy = newCopy({ text: TEXT });
    await send(copy, server);
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain(copy.message);
    expect(JSON.stringify(server.requests.at(-1)?.body)).not.toMatch(/"(?:html|HtmlBody|htmlContent|Html|text\/html)"/);
  });
});

it("Postmark gets the longest token in fields of 80 characters, and its webhook finds the message", async () => {
  const email = "x".repeat(64);
  const [person, campaign, send] = [email, email, email];
  const postmark = PROVIDER_CASES.find(({ name }) => name === "Postmark");
  if (postmark === undefined) throw new Error("Postmark has no case");
  await postmark.send(newCopy(undefined, person, { email, campaign, send }), server);
  const body = server.requests.at(-1)?.body ?? {};
  const { list: own, ...token } = object(body.Metadata);
  expect([own, Object.keys(token)]).toEqual(["news", ["", "-2", "-3", "-4", "-5"].map((end) => `waxseal${end}`)]);
  expect(Object.values(token).map((part) => String(part).length > 80)).not.toContain(true);
  const webhook = postmark.speaker.sign(postmark.event(body), Date.now());
  await fetch(`${worker.origin}/v1/webhooks/postmark`, { method: "POST", ...webhook });
  expect(await feedOf(person, { email, campaign })).toEqual(["delivered", "sent"]);
});

describe("Cloudflare", () => {
  /** The event that a queue delivers of a mail from this sender. */
  const delivered = async (sender: unknown) => {
    const queue = await worker.miniflare.getQueueProducer<object>("EMAIL_EVENTS");
    await queue.send(cloudflareEvent("delivered", { eventId: crypto.randomUUID(), sender, recipient: ADDRESS }));
  };

  it("takes the email of the binding, from an address by which its event finds the message", async () => {
    const person = ++lastPerson;
    const copy = newCopy({ html: HTML, text: TEXT }, person);
    const { EMAIL } = await worker.miniflare.getBindings<{ EMAIL: { send(email: object): Promise<object> } }>();
    const from = { name: "Maison Lavande", email: "news@mail.example.com" };
    const email = cloudflareEmail({ ...MAIL, from, headers: OWN }, copy);
    expect(email).toMatchObject({
      html: copy.html,
      text: copy.text,
      replyTo: from,
      headers: { "X-Own": "kept", ...copy.headers },
    });
    expect(await EMAIL.send(email)).toMatchObject({ messageId: expect.any(String) });
    await delivered(Object(email.from).email);
    await expect.poll(() => feedOf(person)).toEqual(["delivered", "sent"]);
  });

  it("takes the body of the REST API", async () => {
    const person = ++lastPerson;
    const copy = newCopy({ html: HTML }, person);
    const request = cloudflareRequest({ ...MAIL, from: "Maison Lavande <news@mail.example.com>" }, copy);
    expect(request).toMatchObject({ html: copy.html, reply_to: "Maison Lavande <news@mail.example.com>" });
    expect(request.from).toEqual({ name: "Maison Lavande", address: expect.stringMatching(/^news[+][a-z2-7]+@mail/) });
    await delivered(Object(request.from).address);
    await expect.poll(() => feedOf(person)).toEqual(["delivered", "sent"]);
  });
});
