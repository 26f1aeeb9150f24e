/**
 * The emails of the providers' pages. What a provider hands back of one, put into a webhook as it documents it, must
 * lead its adapter to the message token of the email.
 */
import * as v from "valibot";
import { PROVIDERS } from "../../src/delivery/providers/index.ts";
import { brevo } from "../delivery/speakers/brevo.ts";
import { mailersend } from "../delivery/speakers/mailersend.ts";
import { mailjet } from "../delivery/speakers/mailjet.ts";
import { mailtrap } from "../delivery/speakers/mailtrap.ts";
import { mandrill } from "../delivery/speakers/mandrill.ts";
import { postal } from "../delivery/speakers/postal.ts";
import { resend } from "../delivery/speakers/resend.ts";
import { sendgrid } from "../delivery/speakers/sendgrid.ts";
import { ses } from "../delivery/speakers/ses.ts";
import { sparkpost } from "../delivery/speakers/sparkpost.ts";
import type { Speaker } from "../delivery/speakers/speaker.ts";
import { unisenderGo } from "../delivery/speakers/unisender-go.ts";

/** Of the form of one; in the examples "<message>" stands for it. */
const TOKEN = "FAE-message_token";
const ADDRESS = "marie@example.com";

/** Names and text: "waxseal" and the token. */
const Data = v.record(v.string(), v.string());
const To = v.tuple([v.strictObject({ email: v.literal(ADDRESS) })]);

/** An email as the provider's API takes it, and where its webhooks have what it hands back. */
interface EmailForm {
  readonly speaker: Speaker;
  /** The email → what is handed back. */
  readonly schema: v.GenericSchema<unknown, unknown>;
  /** In the body of a webhook. */
  readonly path: readonly (string | number)[];
}

const FORMS: readonly EmailForm[] = [
  {
    speaker: brevo,
    schema: v.pipe(
      v.strictObject({ headers: v.strictObject({ "X-Mailin-custom": v.string() }) }),
      v.transform(({ headers }) => headers["X-Mailin-custom"]),
    ),
    path: ["X-Mailin-custom"],
  },
  {
    speaker: mailersend,
    schema: v.pipe(
      v.strictObject({ to: To, tags: v.array(v.string()) }),
      v.transform(({ tags }) => tags),
    ),
    path: ["data", "email", "tags"],
  },
  {
    speaker: mailjet,
    schema: v.pipe(
      v.strictObject({
        Messages: v.tuple([
          v.strictObject({ To: v.tuple([v.strictObject({ Email: v.literal(ADDRESS) })]), EventPayload: v.string() }),
        ]),
      }),
      v.transform(({ Messages: [{ EventPayload }] }) => EventPayload),
    ),
    path: ["Payload"],
  },
  {
    speaker: mailtrap,
    schema: v.pipe(
      v.strictObject({ to: To, custom_variables: Data }),
      v.transform(({ custom_variables: variables }) => variables),
    ),
    path: ["events", 0, "custom_variables"],
  },
  {
    speaker: mandrill,
    schema: v.pipe(
      v.strictObject({ message: v.strictObject({ to: To, metadata: Data }) }),
      v.transform(({ message }) => message.metadata),
    ),
    path: [0, "msg", "metadata"],
  },
  {
    speaker: postal,
    schema: v.pipe(
      v.strictObject({ to: v.tuple([v.literal(ADDRESS)]), tag: v.string() }),
      v.transform(({ tag }) => tag),
    ),
    path: ["payload", "message", "tag"],
  },
  {
    speaker: resend,
    schema: v.pipe(
      v.strictObject({ tags: v.array(v.strictObject({ name: v.string(), value: v.string() })) }),
      v.transform(({ tags }) => Object.fromEntries(tags.map(({ name, value }) => [name, value]))),
    ),
    path: ["data", "tags"],
  },
  {
    speaker: sendgrid,
    schema: v.pipe(
      v.strictObject({ personalizations: v.tuple([v.strictObject({ to: To, custom_args: Data })]) }),
      v.transform(({ personalizations: [{ custom_args: args }] }) => ({ event: "delivered", email: ADDRESS, ...args })),
    ),
    path: [0],
  },
  {
    speaker: ses,
    schema: v.pipe(
      v.strictObject({
        ConfigurationSetName: v.string(),
        EmailTags: v.array(v.strictObject({ Name: v.string(), Value: v.string() })),
      }),
      v.transform(({ EmailTags }) => Object.fromEntries(EmailTags.map(({ Name, Value }) => [Name, [Value]]))),
    ),
    path: ["mail", "tags"],
  },
  {
    speaker: sparkpost,
    schema: v.pipe(
      v.strictObject({ recipients: v.tuple([v.strictObject({ address: v.literal(ADDRESS), metadata: Data })]) }),
      v.transform(({ recipients: [{ metadata }] }) => metadata),
    ),
    path: [0, "msys", "message_event", "rcpt_meta"],
  },
  {
    speaker: unisenderGo,
    schema: v.pipe(
      v.strictObject({
        message: v.strictObject({
          recipients: v.tuple([v.strictObject({ email: v.literal(ADDRESS), metadata: Data })]),
        }),
      }),
      v.transform(
        ({
          message: {
            recipients: [{ metadata }],
          },
        }) => metadata,
      ),
    ),
    path: ["events_by_user", 0, "events", 0, "event_data", "metadata"],
  },
];

/**
 * What is wrong with the email of a provider's page; empty when nothing is.
 * @param page its path: "docs/providers/brevo.md"
 * @param example JSON
 */
export function emailFaults(page: string, example: string): readonly string[] {
  const form = FORMS.find(({ speaker }) => page === `docs/providers/${speaker.name}.md`);
  if (form === undefined) return ["no form of this provider's emails is known"];
  const read = v.safeParse(form.schema, JSON.parse(example.replaceAll("<message>", TOKEN)));
  if (!read.success) return read.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  const { speaker, path } = form;
  const event: unknown = JSON.parse(speaker.delivered("", ADDRESS));
  replaceAt(event, path, read.output);
  const reports = PROVIDERS.get(speaker.name)?.read(bodyOf(speaker, JSON.stringify(event)));
  const tokens = reports?.ok === true ? reports.value.reports.flatMap((report) => report.tokens) : [];
  return tokens.includes(TOKEN) ? [] : ["what comes back leads to no message"];
}

/** The body of a webhook around its events: a form's field, or a notification of SNS. */
function bodyOf(speaker: Speaker, events: string): unknown {
  if (speaker === mandrill) return { mandrill_events: [events] };
  return speaker === ses ? { Type: "Notification", Message: events } : JSON.parse(events);
}

function replaceAt(event: unknown, path: readonly (string | number)[], value: unknown): void {
  const holder = path.slice(0, -1).reduce<unknown>((each, name) => Object(each)[name], event);
  const last = path.at(-1) ?? "";
  // A field that the documented webhook does not have would be no proof.
  if (!Object.hasOwn(Object(holder), last)) throw new Error(`there is no ${path.join(".")}`);
  Object.assign(Object(holder), { [last]: value });
}
