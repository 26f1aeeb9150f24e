import { AT_SECONDS, json, type Speaker } from "./speaker.ts";

const BREVO_CREDENTIALS = "brevo-token-0123456789abcdef";

function event(event: string, sourceId: string, facts: object): string {
  const times = { ts: AT_SECONDS, ts_event: AT_SECONDS, ts_epoch: AT_SECONDS * 1_000 };
  return JSON.stringify({ event, "message-id": `<${sourceId}@smtp-relay.mailin.fr>`, ...times, ...facts });
}

const custom = (waxseal: string) => ({ "X-Mailin-custom": JSON.stringify({ waxseal }) });

export const brevo: Speaker = {
  name: "brevo",
  setting: { BREVO_CREDENTIALS },
  settingOfOther: { BREVO_CREDENTIALS: "brevo-token-fedcba9876543210" },
  coversBody: false,
  windowMs: undefined,
  sign: (body) => ({ headers: { ...json, Authorization: `Bearer ${BREVO_CREDENTIALS}` }, body }),
  delivered: (waxseal, email) => event("delivered", "d", { email, ...custom(waxseal) }),
  softBounced: (waxseal, email, sourceId) =>
    event("soft_bounce", sourceId, { email, reason: "452 4.2.2 mailbox full", ...custom(waxseal) }),
};
