/** The providers' SDKs, as they post a copy to a server on this machine, and what of it comes back in a webhook. */
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { BrevoClient } from "@getbrevo/brevo";
import sgClient from "@sendgrid/client";
import sgMail from "@sendgrid/mail";
import Mailgun from "mailgun.js";
import { ServerClient } from "postmark";
import { Resend } from "resend";
import * as v from "valibot";
import { brevoEmail } from "../../src/integrations/brevo.ts";
import type { DecoratedCopy } from "../../src/integrations/copy.ts";
import { mailgunMessage } from "../../src/integrations/mailgun.ts";
import { postmarkMessage } from "../../src/integrations/postmark.ts";
import { resendEmail } from "../../src/integrations/resend.ts";
import { sendgridMail } from "../../src/integrations/sendgrid.ts";
import { sesEmail } from "../../src/integrations/ses.ts";
import { brevo } from "../delivery/speakers/brevo.ts";
import { mailgun } from "../delivery/speakers/mailgun.ts";
import { postmark } from "../delivery/speakers/postmark.ts";
import { resend } from "../delivery/speakers/resend.ts";
import { sendgrid } from "../delivery/speakers/sendgrid.ts";
import { ses } from "../delivery/speakers/ses.ts";
import type { Speaker } from "../delivery/speakers/speaker.ts";
import type { ProviderServer, WireRequest } from "./provider-server.ts";

export const HTML = '<p>Hello, <a href="https://example.com/news">read on</a>. {{unsubscribe}}</p>';
export const TEXT = "Read on: https://example.com/news\n\n{{unsubscribe}}\n";
export const ADDRESS = "marie@example.net";
export const MAIL = { from: "news@mail.example.com", to: ADDRESS, subject: "November news" };
export const OWN = { "X-Own": "kept", "list-unsubscribe": "<mailto:old@example.com>" };

const record = v.record(v.string(), v.unknown());
export const object = (value: unknown) => v.parse(record, value);
export const list = (value: unknown) => v.parse(v.array(record), value);
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

export interface ProviderCase {
  readonly name: string;
  readonly speaker: Speaker;
  send(copy: DecoratedCopy, server: ProviderServer): Promise<unknown>;
  /** What arrived: HTML, text and headers. */
  read(body: WireRequest["body"]): { readonly html: unknown; readonly text: unknown; readonly headers: object };
  /** The provider's webhook about it. */
  event(body: WireRequest["body"]): string;
}

const headers = OWN;
export const PROVIDER_CASES: readonly ProviderCase[] = [
  {
    name: "Resend",
    speaker: resend,
    send: (copy, server) =>
      new Resend("re_key", { baseUrl: server.url }).emails.send(
        resendEmail({ ...MAIL, headers, tags: [{ name: "list", value: "news" }] }, copy),
      ),
    read: ({ html, text, headers }) => ({ html, text, headers: object(headers) }),
    event: ({ tags }) => at(resend.delivered("", ADDRESS), ["data", "tags"], pairs(tags)),
  },
  {
    name: "Amazon SES",
    speaker: ses,
    send: (copy, server) =>
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
    send: (copy, server) => {
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
    send: (copy, server) =>
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
    send: (copy, server) =>
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
    send: (copy, server) =>
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
