/** The reports of an adapter in short: "sent", "bounced 2", … */
import type { Report } from "../../../src/delivery/outcome.ts";
import type { Provider, WebhookReports } from "../../../src/delivery/providers/provider.ts";

export const TOKEN = "QQEC-message_token";

type Read = Provider["read"];

export function reportsIn(read: Read, payload: unknown): WebhookReports {
  const result = read(payload);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

export function outcomes(read: Read, payload: unknown): string {
  const { reports, ignored } = reportsIn(read, payload);
  return reports.length === 0 ? `ignored ${ignored}` : reports.map(outcome).join(", ");
}

/** The only report. */
export function report(read: Read, payload: unknown): Report {
  const [only, ...others] = reportsIn(read, payload).reports;
  if (only === undefined || others.length > 0) throw new Error("not one report");
  return only;
}

function outcome({ outcome }: Report): string {
  return outcome.type === "bounced" ? `bounced ${outcome.bounce.category}` : outcome.type;
}
