/**
 * Two histories: an email that bounces softly, is sent again, arrives, is read and unsubscribed from; and one to an
 * invalid address. Played against a Worker through its public interface, in the parts of mail servers, clients and
 * people. Throws what was wrong; returns the events that the log must hold.
 */
import { EVENT_TYPES, type EventType } from "../events/event.ts";
import { HOUR_MS } from "../platform/durations.ts";
import { check, checkSame, eventually } from "./check.ts";
import type { DemoEvent } from "./log.ts";
import type { RetryReceiver } from "./receiver.ts";
import {
  addRetryEndpoint,
  type Copy,
  type DemoMail,
  type DemoRecipient,
  type DemoSender,
  dueRetries,
  expectSuppressed,
  readSuppression,
  reportEvents,
  requestCopy,
  retryEvents,
} from "./sender.ts";
import { counted, progress, say, warn } from "./terminal.ts";
import { clickLinks, loadPixel, submitUnsubscribeForm } from "./visit.ts";

export interface Stage extends DemoSender {
  readonly receiver: RetryReceiver;
  /**
   * How far ahead the retry is when the bounce is reported. A Worker that takes longer to record it skips the first
   * retry.
   */
  readonly retryLeadMs: number;
}

const MARIE = recipient("7", "marie.lavande@example.com");
const BASILE = recipient("8", "basile.lavande@example.com");

/** Hours after the first attempt. The demo's Sent lies an hour back, so that the first retry is due soon. */
export const RETRY_HOURS = "1 4 12 24";
const FIRST_RETRY_MS = HOUR_MS;

const SOFT = { status: "4.2.2", details: "452 4.2.2 mailbox full" };
const HARD = { status: "5.1.1", details: "550 5.1.1 no such user" };

export async function live(mail: DemoMail, stage: Stage): Promise<DemoEvent[]> {
  const { receiver } = stage;
  receiver.secret = await addRetryEndpoint(receiver.url, stage);
  say("added a webhook endpoint for retries");
  progress("decorating");
  const copy = await requestCopy(mail, MARIE, stage);
  const size = counted((copy.html ?? "").length + (copy.text ?? "").length, "character");
  say(`decorated for ${MARIE.address}: ${size}, ${counted(copy.links.length, "link")}`);
  for (const { code, url = "the mail", message } of copy.warnings)
    warn(`${code} ${url.length <= 100 ? url : `${url.slice(0, 99)}…`}: ${message}`);

  const sentAtMs = await bounceSoftly(copy, stage);
  const retryId = await checkDueRetry(copy, sentAtMs, stage);
  const other = await bounceHard(mail, stage);
  await checkPostedRetry(retryId, stage);
  await deliver(copy, stage);
  const isOpened = await loadPixel(copy, stage.origin);
  await clickLinks(copy, stage.origin);
  await submitUnsubscribeForm(copy);
  await expectSuppressed(mail, MARIE, stage);
  say("decorating for her is refused from now on: 409 suppressed");
  check(receiver.posted.size === 1, `${receiver.posted.size} retries were posted, not one`);

  const facts = (type: EventType, more: Partial<DemoEvent> = {}) => ({
    type: EVENT_TYPES[type].id,
    ...MARIE.ids,
    ...more,
  });
  const { send } = copy;
  const sentToBasile = { ...BASILE.ids, send: other.send };
  return [
    facts("sent", { send }),
    facts("softBounced", { send, detail: JSON.stringify({ category: 3, ...SOFT }) }),
    facts("retry", { send, detail: JSON.stringify({ category: 3, ...SOFT }) }),
    facts("sent", sentToBasile),
    facts("hardBounced", { ...sentToBasile, detail: JSON.stringify({ category: 2, ...HARD }) }),
    facts("delivered", { send }),
    ...(isOpened ? [facts("opened")] : []),
    ...copy.links.map(({ id, url }) => facts("clicked", { link_id: id, link: url })),
    facts("unsubscribed"),
  ];
}

/** Returns when the email was sent. */
async function bounceSoftly(copy: Copy, stage: Stage): Promise<number> {
  const sentAtMs = Date.now() - FIRST_RETRY_MS + stage.retryLeadMs;
  const events = [
    { type: "sent", at: timeOf(sentAtMs) },
    { type: "soft_bounced", at: timeOf(sentAtMs + 1_000), ...SOFT },
  ] as const;
  await reportEvents(copy, events, stage);
  const { suppressed } = await readSuppression(copy.address, stage);
  check(!suppressed, "a full mailbox must not end mailing, and it did");
  say(`reported: sent an hour ago, and bounced softly, ${SOFT.details}; she is not suppressed`);
  return sentAtMs;
}

async function bounceHard(mail: DemoMail, stage: Stage): Promise<Copy> {
  const copy = await requestCopy(mail, BASILE, stage);
  say(`decorated for ${BASILE.address}`);
  await reportEvents(copy, [{ type: "sent" }, { type: "hard_bounced", ...HARD }], stage);
  say(`reported: sent, and bounced hard, ${HARD.details}`);
  const { suppressed, reasons } = await readSuppression(BASILE.address, stage);
  const [reason] = reasons;
  check(
    suppressed && reasons.length === 1 && reason?.reason === "invalid" && reason.until === undefined,
    "a hard bounce of an invalid recipient must end mailing for ever; /v1/suppressions/check says " +
      JSON.stringify({ suppressed, reasons }),
  );
  say(`/v1/suppressions/check: suppressed, ${reason.reason}, for ever (${reason.cause})`);
  await expectSuppressed(mail, BASILE, stage);
  say("decorating for him is refused from now on: 409 suppressed");
  return copy;
}

/** Waits until the retry is due, and checks that the list holds it. Returns its id. */
async function checkDueRetry(copy: Copy, sentAtMs: number, stage: Stage): Promise<string> {
  const dueAt = timeOf(sentAtMs + FIRST_RETRY_MS);
  progress(`waiting for the retry: due at ${dueAt}, an hour after the first attempt`);
  const retry = await eventually(
    async () => (await dueRetries(stage))[0],
    `GET /v1/retries had no retry, due at ${dueAt}`,
  );
  checkSame("GET /v1/retries", await dueRetries(stage), [
    {
      id: retry.id,
      message: copy.message,
      email: { id: Number(copy.ids.email) },
      person: { id: Number(copy.ids.person), address: copy.address },
      campaign: { id: Number(copy.ids.campaign) },
      send: copy.send,
      attempt: 2,
      dueAt,
      firstAttemptAt: timeOf(sentAtMs),
      bounce: { category: 3, ...SOFT },
    },
  ]);
  say(`GET /v1/retries: its second attempt is due, at ${dueAt}`);
  return retry.id;
}

/** The reports before it have woken the endpoint, which finds a due retry within a minute by itself. */
async function checkPostedRetry(retryId: string, stage: Stage): Promise<void> {
  const { posted, faults } = stage.receiver;
  progress("waiting for the retry's webhook");
  const post = await eventually(() => {
    check(faults.length === 0, faults.join("; "));
    return [...posted.values()][0];
  }, "the webhook had not brought the retry");
  const [event] = await retryEvents(stage);
  check(event?.id === `retry/${retryId}`, `the feed has another retry: ${JSON.stringify(event)}`);
  checkSame("the webhook", post, event);
  say("the webhook brought it, as the feed has it, and its signature is right");
}

async function deliver(copy: Copy, stage: Stage): Promise<void> {
  // A retry is the same send: its second Sent is not logged.
  await reportEvents(copy, [{ type: "sent" }, { type: "delivered" }], stage);
  checkSame("GET /v1/retries, of an email that is delivered,", await dueRetries(stage), []);
  say("reported: sent again, and delivered; no retry is due any more");
}

function recipient(person: string, address: string): DemoRecipient {
  return { ids: { email: "1042", person, campaign: "88012" }, address };
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
