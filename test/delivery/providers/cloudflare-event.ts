/** An event of Cloudflare Email Sending, of the documented shape. */
import { TOKEN } from "./reports.ts";

export function cloudflareEvent(kind: string, payload: object = {}): object {
  return {
    type: `cf.email.sending.message.${kind}`,
    source: { type: "email.sending", zoneId: "023e105f4ecef8ad9ca31a8372d0c353", domain: "example.com" },
    payload: {
      eventId: "0190d0c4-7e9a-7b3c-9f12-1a2b3c4d5e6f",
      messageId: "<jZTWt0pQO4p2LG7ByfkeSYUvT62k85Q12nCA@example.com>",
      sender: `news+${TOKEN}@example.com`,
      recipient: "marie@example.net",
      subject: "Welcome",
      terminal: true,
      delivery: { status: kind },
      ...payload,
    },
    metadata: {
      accountId: "f9f79265f388666de8122cfb508d7776",
      eventSubscriptionId: "1830c4bb612e43c3af7f4cada31fbf3f",
      eventSchemaVersion: 1,
      eventTimestamp: "2026-06-01T02:48:57.132Z",
    },
  };
}
