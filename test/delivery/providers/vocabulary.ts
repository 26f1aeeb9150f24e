/** What each provider says, and the event type and reject reason that django-anymail has for it. */
import { brevo } from "../../../src/delivery/providers/brevo.ts";
import { mailersend } from "../../../src/delivery/providers/mailersend.ts";
import { mailgun } from "../../../src/delivery/providers/mailgun.ts";
import { fromLegacyForm } from "../../../src/delivery/providers/mailgun-legacy.ts";
import { mailjet } from "../../../src/delivery/providers/mailjet.ts";
import { postmark } from "../../../src/delivery/providers/postmark.ts";
import type { Provider } from "../../../src/delivery/providers/provider.ts";
import { resend } from "../../../src/delivery/providers/resend.ts";
import { sendgrid } from "../../../src/delivery/providers/sendgrid.ts";
import { ses } from "../../../src/delivery/providers/ses.ts";
import { sparkpost } from "../../../src/delivery/providers/sparkpost.ts";

type Pairs = readonly (readonly [body: unknown, pair: string])[];

export const MARIE = "marie@example.net";
const NO_SUCH_USER = "550 5.1.1 <marie@example.net>: Recipient address rejected: User unknown";

export const sesEvent = (eventType: string, more: object = {}) => ({
  Type: "Notification",
  Message: JSON.stringify({ eventType, mail: { messageId: "1", destination: [MARIE] }, ...more }),
});
export const postmarkBounce = (Type: string, Details?: string) => ({
  RecordType: "Bounce",
  Type,
  ID: 1,
  Email: MARIE,
  Details,
});
const change = (SuppressSending: boolean, SuppressionReason?: string) => ({
  ...{ RecordType: "SubscriptionChange", Origin: "Recipient", Recipient: MARIE, SuppressSending, SuppressionReason },
  ...{ MessageID: "1", Metadata: { waxseal: "token" } },
});
export const sendgridEvent = (event: string, more: object = {}) => [{ event, email: MARIE, ...more }];
export const mailgunEvent = (event: string, more: object = {}) => ({
  "event-data": { event, recipient: MARIE, ...more },
});
export const legacy = (event: string, more: Readonly<Record<string, string>> = {}) =>
  fromLegacyForm(Object.fromEntries(Object.entries({ event, recipient: MARIE, ...more }).map(([k, v]) => [k, [v]])));
export const resendEvent = (type: string, more: object = {}) => ({
  type,
  data: { email_id: "1", to: [MARIE], ...more },
});
export const brevoEvent = (event: string, reason?: string) => ({ event, email: MARIE, reason });
export const sparkpostEvent = (type: string, more: object = {}) => [
  { msys: { message_event: { type, rcpt_to: MARIE, ...more } } },
];
export const mailjetEvent = (event: string, more: object = {}) => ({ event, email: MARIE, ...more });
export const mailjetBounce = (error: string, comment = "") =>
  mailjetEvent("bounce", { hard_bounce: true, error, comment });
export const mailersendEvent = (type: string, morph: object | null = null) => ({
  ...{ type: `activity.${type}`, data: { id: "1", type, email: { recipient: { email: MARIE } }, morph } },
});

export const PAIRS: Readonly<Record<string, readonly [Provider["read"], Pairs]>> = {
  ses: [
    ses.read,
    [
      [sesEvent("Send", { send: {} }), "sent"],
      [sesEvent("Delivery", { delivery: { recipients: [MARIE] } }), "delivered"],
      [
        sesEvent("Bounce", {
          bounce: { bounceType: "Permanent", bounceSubType: "General", bouncedRecipients: [{ emailAddress: MARIE }] },
        }),
        "bounced bounced",
      ],
      [sesEvent("Complaint", { complaint: { complainedRecipients: [{ emailAddress: MARIE }] } }), "complained spam"],
      [sesEvent("Reject", { reject: { reason: "Bad content" } }), "rejected blocked"],
      [sesEvent("Open", { open: {} }), "opened"],
      [sesEvent("Click", { click: { link: "https://example.com/" } }), "clicked"],
      [sesEvent("Rendering Failure", { failure: { errorMessage: "Attribute 'name' is not present" } }), "failed"],
    ],
  ],
  sendgrid: [
    sendgrid.read,
    [
      [sendgridEvent("processed"), "queued"],
      [sendgridEvent("deferred", { response: "451 try again" }), "deferred"],
      [sendgridEvent("delivered", { response: "250 OK" }), "delivered"],
      [sendgridEvent("bounce", { type: "bounce", reason: NO_SUCH_USER, status: "5.1.1" }), "bounced"],
      [sendgridEvent("dropped", { reason: "Invalid" }), "rejected invalid"],
      [sendgridEvent("dropped", { reason: "Unsubscribed Address" }), "rejected unsubscribed"],
      [sendgridEvent("dropped", { reason: "Bounced Address" }), "rejected bounced"],
      [sendgridEvent("dropped", { type: "expired", reason: "" }), "rejected timed_out"],
      [sendgridEvent("dropped", { type: "blocked", reason: "" }), "rejected blocked"],
      [sendgridEvent("dropped", { type: "bounce", reason: "" }), "rejected bounced"],
      [sendgridEvent("dropped", { reason: "Spam Reporting Address" }), "rejected other"],
      [sendgridEvent("open"), "opened"],
      [sendgridEvent("click"), "clicked"],
      [sendgridEvent("spamreport"), "complained"],
      [sendgridEvent("unsubscribe"), "unsubscribed"],
      [sendgridEvent("group_unsubscribe"), "unsubscribed"],
      [sendgridEvent("group_resubscribe"), "subscribed"],
    ],
  ],
  mailgun: [
    mailgun.read,
    [
      [mailgunEvent("accepted"), "queued"],
      [mailgunEvent("rejected", { reject: { reason: "Sandbox" } }), "rejected other"],
      [mailgunEvent("delivered"), "delivered"],
      [mailgunEvent("failed", { severity: "temporary", reason: "generic" }), "deferred"],
      [mailgunEvent("failed", { severity: "permanent", reason: "bounce" }), "bounced bounced"],
      [mailgunEvent("failed", { severity: "permanent", reason: "suppress-bounce" }), "bounced bounced"],
      [mailgunEvent("failed", { severity: "permanent", reason: "generic" }), "bounced other"],
      [mailgunEvent("opened"), "opened"],
      [mailgunEvent("clicked"), "clicked"],
      [mailgunEvent("unsubscribed"), "unsubscribed"],
      [mailgunEvent("complained"), "complained"],
    ],
  ],
  "mailgun, legacy": [
    mailgun.read,
    [
      [legacy("delivered"), "delivered"],
      [legacy("dropped", { code: "605", reason: "hardfail" }), "rejected bounced"],
      [legacy("dropped", { code: "607", reason: "hardfail" }), "rejected spam"],
      [legacy("dropped", { code: "499", reason: "old" }), "rejected timed_out"],
      [legacy("bounced", { code: "550", error: NO_SUCH_USER }), "bounced bounced"],
      [legacy("bounced", { code: "5.1.1", error: "smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound" }), "bounced bounced"],
      [legacy("complained"), "complained"],
      [legacy("unsubscribed"), "unsubscribed"],
      [legacy("opened"), "opened"],
      [legacy("clicked"), "clicked"],
    ],
  ],
  postmark: [
    postmark.read,
    [
      [{ RecordType: "Delivery", Recipient: MARIE }, "delivered"],
      [{ RecordType: "Open", Recipient: MARIE }, "opened"],
      [{ RecordType: "Click", Recipient: MARIE }, "clicked"],
      [{ RecordType: "SpamComplaint", Type: "SpamComplaint", Email: MARIE }, "complained spam"],
      [postmarkBounce("HardBounce"), "bounced bounced"],
      [postmarkBounce("Transient"), "deferred"],
      [postmarkBounce("Unsubscribe"), "unsubscribed unsubscribed"],
      [postmarkBounce("Subscribe"), "subscribed"],
      [postmarkBounce("AutoResponder"), "autoresponded"],
      [postmarkBounce("AddressChange"), "autoresponded"],
      [postmarkBounce("DnsError"), "deferred"],
      [postmarkBounce("SoftBounce"), "bounced bounced"],
      [postmarkBounce("VirusNotification"), "bounced other"],
      [postmarkBounce("ChallengeVerification"), "autoresponded"],
      [postmarkBounce("BadEmailAddress"), "rejected invalid"],
      [postmarkBounce("SpamComplaint"), "complained spam"],
      [postmarkBounce("ManuallyDeactivated"), "rejected blocked"],
      [postmarkBounce("Unconfirmed"), "rejected"],
      [postmarkBounce("Blocked"), "rejected blocked"],
      [postmarkBounce("SMTPApiError"), "failed"],
      [postmarkBounce("InboundError"), "inbound_failed"],
      [postmarkBounce("DMARCPolicy"), "rejected blocked"],
      [postmarkBounce("TemplateRenderingFailed"), "failed"],
      [change(true, "ManualSuppression"), "unsubscribed unsubscribed"],
      [change(true, "HardBounce"), "bounced bounced"],
      [change(true, "SpamComplaint"), "complained spam"],
      [change(false), "subscribed"],
    ],
  ],
  resend: [
    resend.read,
    [
      [resendEvent("email.sent"), "sent"],
      [resendEvent("email.delivered"), "delivered"],
      [resendEvent("email.delivery_delayed"), "deferred"],
      [resendEvent("email.complained"), "complained"],
      [resendEvent("email.bounced", { bounce: { message: "a hard bounce message" } }), "bounced bounced"],
      [resendEvent("email.opened"), "opened"],
      [resendEvent("email.clicked"), "clicked"],
    ],
  ],
  brevo: [
    brevo.read,
    [
      [brevoEvent("request"), "queued"],
      [brevoEvent("delivered"), "delivered"],
      [brevoEvent("hard_bounce", NO_SUCH_USER), "bounced bounced"],
      [brevoEvent("soft_bounce", "452 4.2.2 over quota"), "bounced bounced"],
      [brevoEvent("blocked", "blocked : due to blacklist user"), "rejected blocked"],
      [brevoEvent("spam"), "complained spam"],
      [brevoEvent("complaint"), "complained spam"],
      [brevoEvent("invalid_email"), "bounced invalid"],
      [brevoEvent("deferred", "450 4.2.1 try again"), "deferred"],
      [brevoEvent("unique_opened"), "opened"],
      [brevoEvent("opened"), "opened"],
      [brevoEvent("unique_proxy_open"), "opened"],
      [brevoEvent("proxy_open"), "opened"],
      [brevoEvent("click"), "clicked"],
      [brevoEvent("unsubscribe"), "unsubscribed"],
      [brevoEvent("error"), "failed"],
      [brevoEvent("list_addition"), "subscribed"],
    ],
  ],
  sparkpost: [
    sparkpost.read,
    [
      [sparkpostEvent("injection"), "queued"],
      [sparkpostEvent("delivery"), "delivered"],
      [sparkpostEvent("delay", { bounce_class: "21" }), "deferred"],
      [sparkpostEvent("spam_complaint"), "complained"],
      [sparkpostEvent("out_of_band", { bounce_class: "10" }), "bounced invalid"],
      [sparkpostEvent("policy_rejection", { bounce_class: "25" }), "rejected blocked"],
      [sparkpostEvent("generation_rejection", { raw_reason: "554 5.7.1 recipient suppressed" }), "rejected other"],
      [sparkpostEvent("generation_failure"), "failed"],
      [sparkpostEvent("list_unsubscribe"), "unsubscribed"],
      [sparkpostEvent("link_unsubscribe"), "unsubscribed"],
      [sparkpostEvent("open"), "opened"],
      [sparkpostEvent("initial_open"), "opened"],
      [sparkpostEvent("amp_open"), "opened"],
      [sparkpostEvent("amp_initial_open"), "opened"],
      [sparkpostEvent("click"), "clicked"],
      [sparkpostEvent("amp_click"), "clicked"],
      ...(
        [
          ...[
            ["1", "bounced other"],
            ["10", "bounced invalid"],
            ["20", "bounced bounced"],
            ["21", "bounced bounced"],
          ],
          ...[
            ["22", "bounced bounced"],
            ["23", "bounced bounced"],
            ["24", "bounced timed_out"],
          ],
          ...[
            ["25", "bounced blocked"],
            ["30", "bounced bounced"],
            ["40", "bounced bounced"],
            ["50", "bounced blocked"],
          ],
          ...[
            ["51", "bounced spam"],
            ["52", "bounced spam"],
            ["53", "bounced other"],
            ["54", "bounced blocked"],
          ],
          ...[
            ["60", "autoresponded"],
            ["70", "bounced bounced"],
            ["80", "subscribed"],
          ],
          ...[
            ["90", "unsubscribed unsubscribed"],
            ["100", "autoresponded"],
          ],
        ] as const
      ).map(([bounce_class, pair]) => [sparkpostEvent("bounce", { bounce_class }), String(pair)] as const),
    ],
  ],
  mailjet: [
    mailjet.read,
    [
      [mailjetEvent("sent"), "delivered"],
      [mailjetEvent("open"), "opened"],
      [mailjetEvent("click"), "clicked"],
      [mailjetEvent("spam"), "complained"],
      [mailjetEvent("unsub"), "unsubscribed"],
      [mailjetBounce("user unknown", NO_SUCH_USER), "bounced bounced"],
      [mailjetBounce("mailbox inactive"), "bounced bounced"],
      [mailjetBounce("quota exceeded"), "bounced bounced"],
      [mailjetBounce("blacklisted"), "bounced blocked"],
      [mailjetEvent("blocked", { error: "spam reporter" }), "rejected spam"],
      [mailjetBounce("invalid domain"), "bounced bounced"],
      [mailjetBounce("no mail host"), "bounced bounced"],
      [mailjetBounce("relay/access denied"), "bounced bounced"],
      [mailjetEvent("bounce", { hard_bounce: false, error: "greylisted" }), "deferred"],
      [mailjetBounce("typofix"), "bounced invalid"],
      [mailjetBounce("sender blocked"), "bounced blocked"],
      [mailjetBounce("content blocked"), "bounced blocked"],
      [mailjetBounce("policy issue"), "bounced blocked"],
      [mailjetEvent("blocked", { error: "preblocked" }), "rejected blocked"],
      [mailjetEvent("blocked", { error: "duplicate in campaign" }), "rejected other"],
    ],
  ],
  mailersend: [
    mailersend.read,
    [
      [mailersendEvent("sent"), "sent"],
      [mailersendEvent("delivered"), "delivered"],
      [mailersendEvent("soft_bounced", { object: "recipient_bounce", reason: "Unknown reason" }), "bounced bounced"],
      [mailersendEvent("hard_bounced", { object: "recipient_bounce", reason: NO_SUCH_USER }), "bounced bounced"],
      [mailersendEvent("opened"), "opened"],
      [mailersendEvent("clicked"), "clicked"],
      [mailersendEvent("unsubscribed", { object: "recipient_unsubscribe" }), "unsubscribed unsubscribed"],
      [mailersendEvent("spam_complaint", { object: "spam_complaint" }), "complained spam"],
    ],
  ],
};
