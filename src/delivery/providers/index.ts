/**
 * The providers whose webhooks are accepted, by the name in the path. A new provider is one file, one line here and a
 * page in docs/ (CONTRIBUTING.md). Cloudflare's events come by a queue: cloudflare-queue.ts.
 */
import { brevo } from "./brevo.ts";
import { mailersend } from "./mailersend.ts";
import { mailgun } from "./mailgun.ts";
import { mailjet } from "./mailjet.ts";
import { mailtrap } from "./mailtrap.ts";
import { mandrill } from "./mandrill.ts";
import { postal } from "./postal.ts";
import { postmark } from "./postmark.ts";
import type { Provider } from "./provider.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";
import { ses } from "./ses.ts";
import { sparkpost } from "./sparkpost.ts";
import { unisenderGo } from "./unisender-go.ts";

const TABLE = {
  ses,
  sendgrid,
  mailgun,
  postmark,
  resend,
  mandrill,
  postal,
  mailtrap,
  "unisender-go": unisenderGo,
  brevo,
  sparkpost,
  mailjet,
  mailersend,
};

export const PROVIDERS: ReadonlyMap<string, Provider> = new Map(Object.entries(TABLE));

/** The variables that their webhooks are checked with. */
export type ProviderVariable = (typeof TABLE)[keyof typeof TABLE]["setting"]["variable"];
