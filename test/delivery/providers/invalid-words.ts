/** What each provider calls an address that does not exist, beside what the server said. */
import { brevo } from "../../../src/delivery/providers/brevo.ts";
import { mailersend } from "../../../src/delivery/providers/mailersend.ts";
import { mailgun } from "../../../src/delivery/providers/mailgun.ts";
import { mailjet } from "../../../src/delivery/providers/mailjet.ts";
import { mailtrap } from "../../../src/delivery/providers/mailtrap.ts";
import { mandrill } from "../../../src/delivery/providers/mandrill.ts";
import { postal } from "../../../src/delivery/providers/postal.ts";
import { postmark } from "../../../src/delivery/providers/postmark.ts";
import type { Provider } from "../../../src/delivery/providers/provider.ts";
import { resend } from "../../../src/delivery/providers/resend.ts";
import { sendgrid } from "../../../src/delivery/providers/sendgrid.ts";
import { ses } from "../../../src/delivery/providers/ses.ts";
import { sparkpost } from "../../../src/delivery/providers/sparkpost.ts";
import { unisenderGo } from "../../../src/delivery/providers/unisender-go.ts";
import {
  brevoEvent,
  legacy,
  MARIE,
  mailersendEvent,
  mailgunEvent,
  mailjetBounce,
  mailjetEvent,
  postmarkBounce,
  resendEvent,
  sendgridEvent,
  sesEvent,
  sparkpostEvent,
} from "./vocabulary.ts";

const sesBounce = (bounceSubType: string, diagnosticCode: string) =>
  sesEvent("Bounce", {
    bounce: {
      ...{ bounceType: "Permanent", bounceSubType },
      bouncedRecipients: [{ emailAddress: MARIE, diagnosticCode }],
    },
  });

/** Each provider's words for an address that does not exist or has bounced for good, and a body with a reply. */
export const INVALID_WORDS: readonly (readonly [string, Provider["read"], (reply: string) => unknown])[] = [
  ["ses, NoEmail", ses.read, (reply) => sesBounce("NoEmail", reply)],
  ["ses, Suppressed", ses.read, (reply) => sesBounce("Suppressed", reply)],
  [
    "sendgrid, Invalid Address",
    sendgrid.read,
    (reason) =>
      sendgridEvent("bounce", { type: "bounce", status: "5.0.0", reason, bounce_classification: "Invalid Address" }),
  ],
  [
    "mailgun, 605",
    mailgun.read,
    (message) =>
      mailgunEvent("failed", {
        ...{ severity: "permanent", reason: "suppress-bounce", "delivery-status": { code: 605, message } },
      }),
  ],
  ["mailgun, legacy 605", mailgun.read, (error) => legacy("dropped", { code: "605", reason: "hardfail", error })],
  ["postmark, HardBounce", postmark.read, (reply) => postmarkBounce("HardBounce", reply)],
  ["postmark, BadEmailAddress", postmark.read, (reply) => postmarkBounce("BadEmailAddress", reply)],
  [
    "resend, NoEmail",
    resend.read,
    (reply) =>
      resendEvent("email.bounced", { bounce: { type: "Permanent", subType: "NoEmail", diagnosticCode: [reply] } }),
  ],
  [
    "mandrill, bad_mailbox",
    mandrill.read,
    (diag) => ({
      mandrill_events: [
        JSON.stringify([{ event: "hard_bounce", msg: { email: MARIE, bounce_description: "bad_mailbox", diag } }]),
      ],
    }),
  ],
  [
    "mailtrap, badmailbox",
    mailtrap.read,
    (response) => ({ events: [{ event: "bounce", email: MARIE, bounce_category: "badmailbox", response }] }),
  ],
  [
    "unisender go, err_user_unknown",
    unisenderGo.read,
    (destination_response) => ({
      event_name: "transactional_email_status",
      status: "hard_bounced",
      email: MARIE,
      delivery_info: { delivery_status: "err_user_unknown", destination_response },
    }),
  ],
  ["brevo, invalid_email", brevo.read, (reason) => brevoEvent("invalid_email", reason)],
  ["brevo, hard_bounce", brevo.read, (reason) => brevoEvent("hard_bounce", reason)],
  ...["bounce", "out_of_band"].map(
    (type) =>
      [
        `sparkpost, class 10 (${type})`,
        sparkpost.read,
        (raw_reason: string) => sparkpostEvent(type, { bounce_class: "10", raw_reason }),
      ] as const,
  ),
  ...["user unknown", "invalid domain", "typofix"].map(
    (error) => [`mailjet, ${error}`, mailjet.read, (comment: string) => mailjetBounce(error, comment)] as const,
  ),
  [
    "mailjet, user unknown when blocked",
    mailjet.read,
    (comment) => mailjetEvent("blocked", { error: "user unknown", comment }),
  ],
  ["mailersend, hard_bounced", mailersend.read, (reason) => mailersendEvent("hard_bounced", { reason })],
  [
    "postal, HardFail",
    postal.read,
    (output) => ({ event: "MessageDeliveryFailed", payload: { status: "HardFail", output, message: { to: MARIE } } }),
  ],
];
