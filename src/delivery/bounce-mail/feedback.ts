/** RFC 5965 abuse reports: a recipient marked the mail as spam. */
import { addressIn } from "./address.ts";
import { fieldsOf } from "./fields.ts";
import type { Finding } from "./finding.ts";
import type { BounceMailPart } from "./mail.ts";

/** RFC 5965 §7.3, and the "opt-out" of its drafts. Not "auth-failure" (RFC 6591), "virus", "not-spam", "other". */
const COMPLAINTS = ["abuse", "fraud", "opt-out"];

/** Undefined when the mail has no such part. `to`: the addresses in To of the returned mail. */
export function feedbackFindings(
  parts: readonly BounceMailPart[],
  to: readonly string[],
): readonly Finding[] | undefined {
  const reports = parts.filter(({ type }) => type === "message/feedback-report");
  if (reports.length === 0) return undefined;
  return reports.slice(0, 1).flatMap(({ text }): readonly Finding[] => {
    const fields = fieldsOf(text);
    const type = fields.get("feedback-type")?.[0]?.toLowerCase() ?? "";
    if (!COMPLAINTS.includes(type)) return [];
    const recipient = addressIn(fields.get("original-rcpt-to")?.[0] ?? "") ?? to[0] ?? "";
    return [{ recipient, action: "complained" }];
  });
}
