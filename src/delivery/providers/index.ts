/**
 * The providers whose webhooks are accepted, by the name in the path. A new provider is one file, one line here and a
 * page in docs/ (CONTRIBUTING.md). Cloudflare's events come by a queue: cloudflare-queue.ts.
 */
import { mailgun } from "./mailgun.ts";
import { postmark } from "./postmark.ts";
import type { Provider } from "./provider.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";
import { ses } from "./ses.ts";

const TABLE = { ses, sendgrid, mailgun, postmark, resend };

export const PROVIDERS: ReadonlyMap<string, Provider> = new Map(Object.entries(TABLE));

/** The variables that their webhooks are checked with. */
export type ProviderVariable = (typeof TABLE)[keyof typeof TABLE]["setting"]["variable"];
