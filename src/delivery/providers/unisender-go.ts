/**
 * Webhooks of Unisender Go, and of UniOne, which is the same service elsewhere; many events in one, or one as "single
 * event". The token travels in the metadata field `waxseal`. A soft bounce is a deferral: it is tried for a day or two,
 * and then reported as hard. The signature holds no time, so there is no replay window; recording is idempotent.
 * Source: Unisender Go documentation, "Web API", "Callback format" and "Email statuses".
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { ok, refused } from "../../platform/result.ts";
import { CATEGORY, OUTCOME, type Outcome } from "../outcome.ts";
import { type BounceKind, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { eventListReader } from "./reader.ts";
import { shownKey } from "./setting.ts";

/** The other event, `transactional_spam_block`, is about a domain. */
const STATUS_EVENT = "transactional_email_status";

/** Events as one user's batch holds them, or a "single event", whose fields are among those of the body. */
const Body = v.union([
  v.pipe(
    v.object({ events_by_user: v.array(v.object({ events: v.array(v.unknown()) })) }),
    v.transform(({ events_by_user }) => events_by_user.flatMap(({ events }) => events)),
  ),
  v.pipe(
    v.looseObject({ event_name: v.string() }),
    v.transform(({ event_name, ...event_data }) => [{ event_name, event_data }]),
  ),
]);

const Event = v.object({
  event_name: v.string(),
  event_data: v.object({
    job_id: field.text,
    email: field.text,
    status: field.text,
    event_time: field.utcText,
    metadata: field.ownData,
    delivery_info: field.object({ delivery_status: field.text, destination_response: field.text }),
  }),
});
type Event = v.InferOutput<typeof Event>;

export const unisenderGo = provider({
  setting: shownKey("UNISENDER_GO_API_KEY", "Unisender Go"),
  waitsMs: 3_000,
  /** MD5 in hexadecimal of the body in which the key is in the place of the signature. */
  signature: {
    in: "body",
    schema: v.object({ auth: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/i)) }),
    check({ auth }, key, { body }) {
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const at = bytes.indexOf(auth);
      // Without its place, anybody could sign what holds no key.
      if (at === -1) return refused("unsigned");
      const hash = createHash("md5").update(bytes.subarray(0, at)).update(key);
      const expected = hash.update(bytes.subarray(at + auth.length)).digest("hex");
      return isSameSecret(auth.toLowerCase(), expected) ? ok(undefined) : refused("bad_signature");
    },
  },
  read: eventListReader({
    body: Body,
    schema: Event,
    nameOf: ({ event_name, event_data: { status = "" } }) => (event_name === STATUS_EVENT ? status : event_name),
    outcomes: {
      sent: OUTCOME.sent,
      delivered: OUTCOME.delivered,
      soft_bounced: OUTCOME.deferred,
      hard_bounced: hardBounceOutcome,
      unsubscribed: OUTCOME.unsubscribed,
      spam: spamOutcomes,
    },
    factsOf: ({ event_data: { job_id, email, status, event_time, metadata } }) => ({
      tokens: [metadata],
      address: email,
      atMs: event_time,
      // There is no id of the event, and the job's is that of all its recipients.
      sourceId: `unisender-go:${job_id}:${email}:${status}:${event_time}`,
    }),
  }),
});

/** Reported by a person, unless only the server's filter put it aside. */
function spamOutcomes({ event_data: { delivery_info } }: Event): Outcome[] {
  return delivery_info?.delivery_status === "ok_spam_folder" ? [] : [OUTCOME.complained];
}

function hardBounceOutcome({ event_data: { status, delivery_info: info } }: Event): ProviderOutcome[] {
  const word = info?.delivery_status;
  const kind = KINDS.get(word) ?? "permanent";
  return [bounced(kind, { subcategory: word ?? status, details: info?.destination_response })];
}

/** Unisender Go's classes of a failure, where they say more than that it is permanent. */
const KINDS: ReadonlyMap<string | undefined, BounceKind> = new Map<string, BounceKind>([
  // "The address does not exist", "the mailbox has been deleted".
  ["err_user_unknown", "invalid_recipient"],
  ["err_mailbox_discarded", "invalid_recipient"],
  ["err_mailbox_full", CATEGORY.temporary],
  ["skip_dup_mailbox_full", CATEGORY.temporary],
  // Not sent: the address could not be reached lately.
  ["err_skip_letter", CATEGORY.temporary],
  ["skip_dup_temp_unreachable", CATEGORY.temporary],
  ["err_will_retry", "expired"],
  ["err_resend", "expired"],
  ["err_giveup", "expired"],
  ["err_spam_rejected", CATEGORY.blocked],
  ["err_spam_skipped", CATEGORY.blocked],
  ["err_spam_removed", CATEGORY.blocked],
  ["err_blacklisted", CATEGORY.blocked],
  // When they unsubscribed is unknown, and this mail was not what they unsubscribed by.
  ["err_unsubscribed", CATEGORY.blocked],
  ["err_too_large", CATEGORY.technical],
  // "Does not exist or does not accept mail": that can be mended.
  ["err_domain_inactive", CATEGORY.technical],
  ["err_destination_misconfigured", CATEGORY.technical],
  ["err_no_dns", CATEGORY.technical],
  ["err_no_smtp", CATEGORY.technical],
  ["err_lost", CATEGORY.technical],
  ["err_internal", CATEGORY.technical],
]);
