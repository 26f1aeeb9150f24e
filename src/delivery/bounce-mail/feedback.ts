/** RFC 5965 abuse reports: a recipient marked the mail as spam. */
import { addressIn } from "../address.ts";
import { fieldsOf } from "./fields.ts";
import type { Finding } from "./finding.ts";
import { headersIn, type Mail } from "./mail.ts";

/** RFC 5965 §7.3, and the "opt-out" of its drafts. Not "auth-failure" (RFC 6591), "virus", "not-spam", "other". */
const COMPLAINTS = ["abuse", "fraud", "opt-out"];

/** Undefined when the mail is no such report. `to`: the addresses in To of the returned mail. */
export function feedbackFindings(mail: Mail, to: readonly string[]): readonly Finding[] | undefined {
  const reports = mail.parts.filter(({ type }) => type === "message/feedback-report");
  if (reports.length === 0) return complaintOfOutlook(mail);
  return reports.slice(0, 1).flatMap(({ text }): readonly Finding[] => {
    const fields = fieldsOf(text);
    const type = fields.get("feedback-type")?.[0]?.toLowerCase() ?? "";
    if (!COMPLAINTS.includes(type)) return [];
    const recipient = addressIn(fields.get("original-rcpt-to")?.[0] ?? "") ?? to[0] ?? "";
    return [{ recipient, action: "complained" }];
  });
}

/**
 * Outlook.com's Junk Mail Reporting Program attaches the mail without a report. The header names who complained, where
 * To names a list or nobody.
 */
function complaintOfOutlook({ subject, parts }: Mail): readonly Finding[] | undefined {
  if (!/^complaint about message from/i.test(subject)) return undefined;
  const attached = parts.find(({ type }) => type === "message/rfc822");
  const [complainer] = headersIn(attached?.text.trimStart() ?? "").get("x-hmxmroriginalrecipient") ?? [];
  return complainer === undefined ? undefined : [{ recipient: addressIn(complainer) ?? "", action: "complained" }];
}
