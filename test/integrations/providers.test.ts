/**
 * The providers' helpers: the real SDK posts what they make, and the provider's webhook, made from what arrived, is
 * recorded at the message.
 */
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { BrevoClient } from "@getbrevo/brevo";
import sgClient from "@sendgrid/client";
import sgMail from "@sendgrid/mail";
import Mailgun from "mailgun.js";
import { ServerClient } from "postmark";
import { Resend } from "resend";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Decorated, decorate } from "../../src/decorate/index.ts";
import { type LocalWorker, startLocalWorker } from "../../src/dev/local-worker.ts";
import { brevoEmail } from "../../src/integrations/brevo.ts";
import { cloudflareEmail, cloudflareRequest } from "../../src/integrations/cloudflare.ts";
import type { DecoratedCopy } from "../../src/integrations/copy.ts";
import { mailgunMessage } from "../../src/integrations/mailgun.ts";
import { postmarkMessage } from "../../src/integrations/postmark.ts";
import { resendEmail } from "../../src/integrations/resend.ts";
import { sendgridMail } from "../../src/integrations/sendgrid.ts";
import { sesEmail } from "../../src/integrations/ses.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { cloudflareEvent } from "../delivery/providers/cloudflare-event.ts";
import { CERTIFICATE_URL } from "../delivery/providers/sns-message.ts";
import { brevo } from "../delivery/speakers/brevo.ts";
import { mailgun } from "../delivery/speakers/mailgun.ts";
import { postmark } from "../delivery/speakers/postmark.ts";
import { resend } from "../delivery/speakers/resend.ts";
import { sendgrid } from "../delivery/speakers/sendgrid.ts";
import { amazon, ses } from "../delivery/speakers/ses.ts";
import type { Speaker } from "../delivery/speakers/speaker.ts";
import { type ProviderServer, startProviderServer, type WireRequest } from "./provider-server.ts";

const HTML = '<p>Hello, <a href="https://example.com/news">read on</a>. {{unsubscribe}}</p>';
const TEXT = "Read on: https://example.com/news\n\n{{unsubscribe}}\n";
const ADDRESS = "marie@example.net";
const MAIL = { from: "news@mail.example.com", to: ADDRESS, subject: "November news" };
const OWN = { "X-Own": "kept", "list-unsubscribe": "<mailto:old@example.com>" };

let server: ProviderServer;
let worker: LocalWorker;
beforeAll(async () => {
  const settings = Object.assign(
    {},
    ...[resend, ses, sendgrid, mailgun, postmark, brevo].map(({ setting }) => setting),
  );
  [server, worker] = await Promise.all([
    startProviderServer(),
    startLocalWorker({
      script: inject("developmentScript"),
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
function newCopy(
  source: { html?: string; text?: string } = { html: HTML, text: TEXT },
  person: string | number = ++lastPerson,
): Decorated {
  const keys = parseTokenKeys(worker.tokenKeys);
  if (!keys.ok) throw new Error(keys.reason);
  return decorate(source, { keys: keys.value, origin: worker.origin }, { email: 1042, person, campaign: 88012 });
}

const record = v.record(v.string(), v.unknown());
const object = (value: unknown) => v.parse(record, value);
const list = (value: unknown) => v.parse(v.array(record), value);
const pairs = (value: unknown, key = "name", of = "value") =>
  Object.fromEntries(list(value).map((each) => [String(each[key]), each[of]]));
/** A field of a documented event, replaced by what the provider got. */
const at = (json: string, path: readonly string[], value: unknown) => {
  const event: unknown = JSON.parse(json);
  const last = path.at(-1) ?? "";
  const holder = path.slice(0, -1).reduce((each, name) => object(each)[name], event);
  Object.assign(Object(holder), { [last]: value });
  return JSON.stringify(event);
};

interface Case {
  readonly name: string;
  readonly speaker: Speaker;
  send(copy: DecoratedCopy): Promise<unknown>;
  /** What arrived: HTML, text and headers. */
  read(body: WireRequest["body"]): { readonly html: unknown; readonly text: unknown; readonly headers: object };
  /** The provider's webhook about it. */
  event(body: WireRequest["body"]): string;
}

const headers = OWN;
const cases: readonly Case[] = [
  {
    name: "Resend",
    speaker: resend,
    send: (copy) =>
      new Resend("re_key", { baseUrl: server.url }).emails.send(
        resendEmail({ ...MAIL, headers, tags: [{ name: "list", value: "news" }] }, copy),
      ),
    read: ({ html, text, headers }) => ({ html, text, headers: object(headers) }),
    event: ({ tags }) => at(resend.delivered("", ADDRESS), ["data", "tags"], pairs(tags)),
  },
  {
    name: "Amazon SES",
    speaker: ses,
    send: (copy) =>
      new SESv2Client({
        endpoint: server.url,
        region: "eu-west-1",
        credentials: { accessKeyId: "id", secretAccessKey: "key" },
      }).send(
        new SendEmailCommand(
          sesEmail(
            {
              FromEmailAddress: MAIL.from,
              Destination: { ToAddresses: [ADDRESS] },
              Content: {
                Simple: {
                  Subject: { Data: MAIL.subject },
                  Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
                },
              },
              EmailTags: [{ Name: "list", Value: "news" }],
              ConfigurationSetName: "waxseal",
            },
            copy,
          ),
        ),
      ),
    read: ({ Content }) => {
      const { Body, Headers } = object(object(Content).Simple);
      const { Html, Text } = object(Body);
      return { html: object(Html).Data, text: object(Text).Data, headers: pairs(Headers, "Name", "Value") };
    },
    event: ({ EmailTags }) =>
      at(
        ses.delivered("", ADDRESS),
        ["mail", "tags"],
        Object.fromEntries(list(EmailTags).map(({ Name, Value }) => [String(Name), [Value]])),
      ),
  },
  {
    name: "SendGrid",
    speaker: sendgrid,
    send: (copy) => {
      sgMail.setClient(sgClient);
      // It sets the address, too.
      sgMail.setApiKey("SG.key");
      sgClient.setDefaultRequest("baseUrl", server.url);
      return sgMail.send(sendgridMail({ ...MAIL, headers, customArgs: { list: "news" } }, copy));
    },
    read: ({ content, headers }) => {
      const { "text/html": html, "text/plain": text } = pairs(content, "type");
      return { html, text, headers: object(headers) };
    },
    event: ({ custom_args, personalizations }) => {
      const [event] = JSON.parse(sendgrid.delivered("", ADDRESS));
      const { waxseal: _, ...documented } = event;
      const own = list(personalizations).map(({ custom_args: args }) => args);
      return JSON.stringify([Object.assign({}, documented, custom_args, ...own)]);
    },
  },
  {
    name: "Mailgun",
    speaker: mailgun,
    send: (copy) =>
      new Mailgun(FormData)
        .client({ username: "api", key: "key", url: server.url })
        .messages.create(
          "mail.example.com",
          mailgunMessage({ ...MAIL, "h:X-Own": "kept", "h:list-unsubscribe": "<mailto:old@example.com>" }, copy),
        ),
    // Forms have CRLF (RFC 7578).
    read: ({ html, text, ...fields }) => ({
      html,
      text: String(text).replaceAll("\r\n", "\n"),
      headers: withPrefix(fields, "h:"),
    }),
    event: (fields) => at(mailgun.delivered("", ADDRESS), ["event-data", "user-variables"], withPrefix(fields, "v:")),
  },
  {
    name: "Postmark",
    speaker: postmark,
    send: (copy) =>
      new ServerClient("token", { requestHost: server.host, useHttps: false }).sendEmail(
        postmarkMessage(
          {
            From: MAIL.from,
            To: ADDRESS,
            Subject: MAIL.subject,
            Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
            Metadata: { list: "news" },
          },
          copy,
        ),
      ),
    read: ({ HtmlBody, TextBody, Headers }) => ({
      html: HtmlBody,
      text: TextBody,
      headers: pairs(Headers, "Name", "Value"),
    }),
    event: ({ Metadata }) => at(postmark.delivered("", ADDRESS), ["Metadata"], Metadata),
  },
  {
    name: "Brevo",
    speaker: brevo,
    send: (copy) =>
      new BrevoClient({ apiKey: "key", baseUrl: server.url }).transactionalEmails.sendTransacEmail(
        brevoEmail({ sender: { email: MAIL.from }, to: [{ email: ADDRESS }], subject: MAIL.subject, headers }, copy),
      ),
    read: ({ htmlContent, textContent, headers }) => ({
      html: htmlContent,
      text: textContent,
      headers: object(headers),
    }),
    event: ({ headers }) => at(brevo.delivered("", ADDRESS), ["X-Mailin-custom"], object(headers)["X-Mailin-custom"]),
  },
];

function withPrefix(fields: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown> {
  const named = Object.entries(fields).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** The types of the person's events, as the feed has them; each is at the message. */
async function feedOf(person: number): Promise<readonly string[]> {
  const answer = await fetch(`${worker.origin}/v1/events?person=${person}`, {
    headers: { Authorization: `Bearer ${worker.apiKey}` },
  });
  const { data } = object(await answer.json());
  const message = { email: { id: 1042 }, person: { id: person }, campaign: { id: 88012 } };
  expect(data).toEqual(list(data).map(() => expect.objectContaining(message)));
  return list(data)
    .map(({ type }) => String(type))
    .toSorted();
}

describe.each(cases)("$name", ({ speaker, send, read, event }) => {
  it("gets the copy and its headers, and its webhook finds the message", async () => {
    const copy = newCopy();
    await send(copy);
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
    await send(copy);
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain(copy.message);
    expect(JSON.stringify(server.requests.at(-1)?.body)).not.toMatch(/"(?:html|HtmlBody|htmlContent|Html|text\/html)"/);
  });
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

  it("is refused a sender whose address has no room for the token", () => {
    const from = "news+tag@mail.example.com";
    expect(() => cloudflareEmail({ ...MAIL, from }, newCopy())).toThrow(/^from is not an address without a "[+]"/);
    const copy = newCopy({ html: HTML }, "0198f2a4-7c1e-7e0a-9a3b-2f4c5d6e7f80");
    expect(() => cloudflareEmail(MAIL, copy)).toThrow(/^message does not fit into an address/);
  });
});

describe("what cannot be decorated is refused by a sentence that names its field:", () => {
  const BOTH = ["marie@example.com", "paul@example.com"];
  const Simple = { Subject: { Data: "News" } };
  it.each<[string, (copy: DecoratedCopy) => unknown, RegExp]>([
    ["Resend, two people", (copy) => resendEmail({ ...MAIL, to: BOTH }, copy), /^to makes 2 recipients/],
    ["Resend, React", (copy) => resendEmail({ ...MAIL, react: {} }, copy), /^react is rendered by Resend/],
    ["Resend, a template", (copy) => resendEmail({ ...MAIL, template: { id: "t" } }, copy), /^template is filled in/],
    [
      "SES, a copy to keep",
      (copy) =>
        sesEmail({ Destination: { ToAddresses: [ADDRESS], BccAddresses: ["a@b.example"] }, Content: { Simple } }, copy),
      /^ToAddresses makes 2/,
    ],
    ["SES, MIME", (copy) => sesEmail({ Content: { Simple, Raw: { Data: "" } } }, copy), /^Raw is a finished message/],
    [
      "SES, lists",
      (copy) => sesEmail({ Content: { Simple }, ListManagementOptions: { ContactListName: "l" } }, copy),
      /^ListManagementOptions makes SES/,
    ],
    [
      "SendGrid, many",
      (copy) => sendgridMail({ ...MAIL, personalizations: [{ to: ADDRESS }] }, copy),
      /^personalizations makes/,
    ],
    [
      "SendGrid, content",
      (copy) => sendgridMail({ ...MAIL, content: [{ type: "text/html", value: HTML }] }, copy),
      /^content is not/,
    ],
    ["Mailgun, a list", (copy) => mailgunMessage({ ...MAIL, to: BOTH.join(", ") }, copy), /^to makes 2 recipients/],
    [
      "Mailgun, a batch",
      (copy) => mailgunMessage({ ...MAIL, "recipient-variables": "{}" }, copy),
      /^recipient-variables is filled in/,
    ],
    ["Postmark, a list", (copy) => postmarkMessage({ To: BOTH.join(",") }, copy), /^To makes 2 recipients/],
    [
      "Postmark, a template",
      (copy) => postmarkMessage({ To: ADDRESS, TemplateId: 1 }, copy),
      /^TemplateId is filled in/,
    ],
    [
      "Brevo, versions",
      (copy) => brevoEmail({ to: [], ...{ messageVersions: [{}] } }, copy),
      /^messageVersions is filled in/,
    ],
    [
      "Cloudflare, two people",
      (copy) => cloudflareEmail({ ...MAIL, cc: "a@b.example" }, copy),
      /^to makes 2 recipients/,
    ],
    [
      "a part that is not in the copy",
      ({ html: _, ...copy }) => postmarkMessage({ To: ADDRESS, HtmlBody: HTML }, copy),
      /^HtmlBody is not in the copy/,
    ],
    ["a copy of nothing", ({ html: _html, text: _text, ...copy }) => resendEmail(MAIL, copy), /^html is missing/],
  ])("%s", (_, use, sentence) => {
    expect(() => use(newCopy())).toThrow(
      expect.objectContaining({ name: "DecorateError", message: expect.stringMatching(sentence) }),
    );
  });

  it("ids whose token is too long for its place", () => {
    const copy = newCopy({ html: HTML }, "x".repeat(64));
    expect(() => postmarkMessage({ To: ADDRESS }, copy)).toThrow(
      /^message has \d+ characters, and Postmark's metadata takes 80/,
    );
  });
});

it("a provider's own tracking is switched off where the mail says nothing of it", () => {
  const copy = newCopy();
  const off = { clickTracking: { enable: false, enableText: false }, openTracking: { enable: false } };
  expect(sendgridMail(MAIL, copy).trackingSettings).toMatchObject(off);
  const wanted = { openTracking: { enable: true } };
  expect(sendgridMail({ ...MAIL, trackingSettings: wanted }, copy).trackingSettings).toMatchObject({
    ...off,
    ...wanted,
  });
  expect(postmarkMessage({ To: ADDRESS }, copy)).toMatchObject({ TrackOpens: false, TrackLinks: "None" });
  expect(postmarkMessage({ To: ADDRESS, TrackOpens: true }, copy)).toMatchObject({ TrackOpens: true });
  expect(mailgunMessage(MAIL, copy)).toMatchObject({ "o:tracking": "no" });
  expect(mailgunMessage({ ...MAIL, "o:tracking-opens": "yes" }, copy)).not.toHaveProperty("o:tracking");
});

it("Brevo hands back the sender's own data beside the token, in either form", () => {
  const { message, ...copy } = newCopy();
  const custom = (own: string) =>
    brevoEmail({ headers: { "x-mailin-custom": own } }, { message, ...copy }).headers["X-Mailin-custom"];
  expect(custom('{"list":7}')).toBe(JSON.stringify({ list: 7, waxseal: message }));
  expect(custom("list:7")).toBe(`list:7|waxseal:${message}`);
});
