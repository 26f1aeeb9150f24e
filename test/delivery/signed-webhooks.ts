/** Webhooks of all providers, as each sends and signs them, and as somebody else would. */
import { environment } from "../worker.ts";
import { brevo } from "./speakers/brevo.ts";
import { mailersend } from "./speakers/mailersend.ts";
import { mailgun } from "./speakers/mailgun.ts";
import { mailjet } from "./speakers/mailjet.ts";
import { mailtrap } from "./speakers/mailtrap.ts";
import { mandrill } from "./speakers/mandrill.ts";
import { postal } from "./speakers/postal.ts";
import { postmark } from "./speakers/postmark.ts";
import { resend } from "./speakers/resend.ts";
import { sendgrid } from "./speakers/sendgrid.ts";
import { ses } from "./speakers/ses.ts";
import { sparkpost } from "./speakers/sparkpost.ts";
import type { SignedWebhook, Speaker } from "./speakers/speaker.ts";
import { unisenderGo } from "./speakers/unisender-go.ts";

export const speakers: readonly Speaker[] = [
  ses,
  sendgrid,
  mailgun,
  postmark,
  resend,
  mandrill,
  postal,
  mailtrap,
  unisenderGo,
  brevo,
  sparkpost,
  mailjet,
  mailersend,
];

/** A Worker to which all of them are known. */
export function knowing(replaced: Partial<Env> = {}): Env {
  return knowingBut({}, replaced);
}

/** A Worker to which all of them are known, one of them by another setting. */
export function knowingBut(setting: Speaker["setting"], replaced: Partial<Env> = {}): Env {
  return environment(Object.assign({}, ...speakers.map((each) => each.setting), setting, replaced));
}

/** A Worker without that provider's setting. */
export function notKnowing({ setting }: Speaker): Env {
  return knowingBut(Object.fromEntries(Object.keys(setting).map((name) => [name, ""])));
}

const SIGNATURE_HEADERS = [
  "X-Twilio-Email-Event-Webhook-Signature",
  "svix-signature",
  "Authorization",
  "Signature",
  "X-Mandrill-Signature",
  "X-Postal-Signature-256",
  "Mailtrap-Signature",
];

/** That webhook with its signature made wrong in one place, the body as it was. */
export function tampered({ headers, body }: SignedWebhook): SignedWebhook {
  const signature = SIGNATURE_HEADERS.find((name) => name in headers);
  if (signature !== undefined) {
    return { headers: { ...headers, [signature]: spoiled(headers[signature] ?? "") }, body };
  }
  return {
    headers,
    body: body.replace(/("(?:[Ss]ignature|auth)":")([^"]+)/, (_, key, value) => key + spoiled(value)),
  };
}

/** Another character in its middle. */
function spoiled(signature: string): string {
  const at = Math.floor((signature.length * 3) / 4);
  return signature.slice(0, at) + (signature[at]?.toLowerCase() === "b" ? "c" : "b") + signature.slice(at + 1);
}

/** That webhook without any signature. */
export function unsigned({ headers, body }: SignedWebhook): SignedWebhook {
  const { "Content-Type": type = "" } = headers;
  return {
    headers: { "Content-Type": type },
    body: body.replace(/"(?:[Ss]ignature|auth)":(?:"[^"]*"|\{[^}]*\}),?/, ""),
  };
}

/** That webhook about another address of the same length, with the signature that it had. */
export function changed({ headers, body }: SignedWebhook): SignedWebhook {
  const other = body.replace("example.net", "example.org");
  if (other === body) throw new Error("no address was found");
  return { headers, body: other };
}
