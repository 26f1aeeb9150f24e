/**
 * Two histories: an email that bounces softly, is sent again, arrives, is read and unsubscribed from; and one to an
 * invalid address. Played against a Worker through its public interface, in the parts of mail servers, clients and
 * people. Throws what was wrong; returns the events that the log must hold.
 */
import { isDeepStrictEqual } from "node:util";
import type { EventType } from "../events/event.ts";
import { check, eventually } from "./check.ts";
import type { RetryReceiver } from "./receiver.ts";
import {
  type Copy,
  checkSuppression,
  type DemoMail,
  type DemoRecipient,
  type DemoSender,
  type DueRetry,
  decorate,
  dueRetries,
  expectSuppressed,
  reportEvents,
} from "./sender.ts";
import { counted } from "./terminal.ts";
import { clickLinks, loadPixel, unsubscribe } from "./visit.ts";

/** An event that the log must hold. */
export interface ExpectedEvent {
  readonly type: EventType;
  readonly person: string;
  readonly send?: string;
  readonly link?: { readonly id: string; readonly url: string };
  readonly bounce?: { readonly category: number; readonly status: string };
}

export interface Stage extends DemoSender {
  readonly receiver: RetryReceiver;
  /**
   * How far ahead the retry is when the bounce is reported. A Worker that takes longer to record it skips the first
   * retry.
   */
  readonly retryLeadMs: number;
  /** Called with a line for each step. */
  readonly say: (line: string) => void;
  /** Called with a line for each thing that the sender should know. */
  readonly warn: (line: string) => void;
  /** Called with what is going on; the next line replaces it. */
  readonly progress: (line: string) => void;
}

export const EMAIL = "1042";
export const CAMPAIGN = "88012";
const MARIE = recipient("7", "marie.lavande@example.com");
const BASILE = recipient("8", "basile.lavande@example.com");

/** Hours after the first attempt. The demo's Sent lies an hour back, so that the first retry is due soon. */
export const RETRY_HOURS = "1 4 12 24";
const FIRST_RETRY_MS = 3_600_000;
const RETRY_DEADLINE_MS = 60_000;

const SOFT = { status: "4.2.2", details: "452 4.2.2 mailbox full" };
const HARD = { status: "5.1.1", details: "550 5.1.1 no such user" };

export async function live(mail: DemoMail, stage: Stage): Promise<ExpectedEvent[]> {
  const { say, warn, progress } = stage;
  progress("decorating");
  const copy = await decorate(mail, MARIE, stage);
  say(`decorated for ${MARIE.address}: ${sizeOf(copy)}, ${counted(copy.links.length, "link")}`);
  for (const { code, url, message } of copy.warnings) warn(`${code} ${shortened(url)}: ${message}`);

  const bounced = await bounceSoftly(copy, stage);
  const lost = await bounceHard(mail, stage);
  await checkRetry(copy, bounced, stage);
  const delivered = await deliver(copy, stage);

  const opened = await loadPixel(copy, stage);
  const clicked = await clickLinks(copy, stage);
  await unsubscribe(copy, stage);
  await expectSuppressed(mail, MARIE, stage);
  say("decorating for her is refused from now on: 409 suppressed");
  check(stage.receiver.posted.size === 1, `${stage.receiver.posted.size} retries were posted, not one`);

  const { person } = MARIE.ids;
  return [
    ...bounced.events,
    ...lost,
    ...delivered,
    ...(opened ? [{ type: "opened", person } as const] : []),
    ...clicked.map((link) => ({ type: "clicked", person, link }) as const),
    { type: "unsubscribed", person },
  ];
}

interface SoftBounce {
  readonly sentAtMs: number;
  /** From reporting the bounce to the answer. */
  readonly recordedInMs: number;
  readonly events: readonly ExpectedEvent[];
}

async function bounceSoftly(copy: Copy, stage: Stage): Promise<SoftBounce> {
  const sentAtMs = Date.now() - FIRST_RETRY_MS + stage.retryLeadMs;
  const events = [
    { type: "sent", at: timeOf(sentAtMs) },
    { type: "soft_bounced", at: timeOf(sentAtMs + 1_000), ...SOFT },
  ] as const;
  const begunMs = Date.now();
  await reportEvents(copy, events, stage);
  const recordedInMs = Date.now() - begunMs;
  const { suppressed } = await checkSuppression(copy.address, stage);
  check(!suppressed, "a full mailbox must not end mailing, and it did");
  stage.say(`reported: sent an hour ago, and bounced softly, ${SOFT.details}; she is not suppressed`);
  return {
    sentAtMs,
    recordedInMs,
    events: [of(copy, "sent"), of(copy, "softBounced", { category: 3, ...SOFT })],
  };
}

async function bounceHard(mail: DemoMail, stage: Stage): Promise<ExpectedEvent[]> {
  const { say } = stage;
  const copy = await decorate(mail, BASILE, stage);
  say(`decorated for ${BASILE.address}`);
  await reportEvents(copy, [{ type: "sent" }, { type: "hard_bounced", ...HARD }], stage);
  say(`reported: sent, and bounced hard, ${HARD.details}`);
  const { suppressed, reasons } = await checkSuppression(BASILE.address, stage);
  const [reason] = reasons;
  check(
    suppressed && reasons.length === 1 && reason?.reason === "invalid" && reason.until === undefined,
    "a hard bounce of category 2 must end mailing for ever; /v1/suppressions/check says " +
      JSON.stringify({ suppressed, reasons }),
  );
  say(`/v1/suppressions/check: suppressed, ${reason.reason}, for ever (${reason.cause})`);
  await expectSuppressed(mail, BASILE, stage);
  say("decorating for him is refused from now on: 409 suppressed");
  return [of(copy, "sent"), of(copy, "hardBounced", { category: 2, ...HARD })];
}

/** Waits until the retry is due, and checks that the list and the webhook both hold it. */
async function checkRetry(copy: Copy, { sentAtMs, recordedInMs }: SoftBounce, stage: Stage): Promise<void> {
  const { receiver, progress, say } = stage;
  const dueAtMs = sentAtMs + FIRST_RETRY_MS;
  const waitMs = Math.max(0, dueAtMs - Date.now());
  const late = `${RETRY_DEADLINE_MS / 1_000} s after it was due`;
  progress(`waiting for the retry: due in ${Math.ceil(waitMs / 1_000)} s, an hour after the first attempt`);
  const retries = await eventually(
    async () => {
      const due = await dueRetries(stage);
      return due.length === 0 ? undefined : due;
    },
    {
      deadlineMs: waitMs + RETRY_DEADLINE_MS,
      complaint:
        `GET /v1/retries had no retry ${late}; ` +
        `recording the bounce took ${recordedInMs} ms of ${stage.retryLeadMs}`,
    },
  );
  const [retry] = retries;
  const expected = {
    cursor: retry?.cursor,
    id: retry?.id,
    message: copy.message,
    ...copy.ids,
    send: copy.send,
    address: copy.address,
    attempt: 2,
    dueAt: timeOf(dueAtMs),
    firstAttemptAt: timeOf(sentAtMs),
    bounce: { category: 3, ...SOFT },
  };
  check(
    isDeepStrictEqual(retries, [expected]),
    `GET /v1/retries answered ${JSON.stringify(retries)}, not ${JSON.stringify([expected])}`,
  );
  say(`GET /v1/retries: its second attempt is due, at ${timeOf(dueAtMs)}`);
  progress("waiting for the retry's webhook");
  checkPost(await postOf(expected.id, receiver, late), retries[0]);
  say("the webhook brought the same, its signature is right");
}

async function postOf(id: string | undefined, { posted, faults }: RetryReceiver, late: string) {
  return await eventually(
    () => {
      check(faults.length === 0, faults.join("; "));
      return posted.get(id ?? "");
    },
    { deadlineMs: RETRY_DEADLINE_MS, complaint: `the webhook had not brought the retry ${late}` },
  );
}

function checkPost(post: unknown, retry: DueRetry | undefined): void {
  check(isDeepStrictEqual(post, retry), `the webhook brought ${JSON.stringify(post)}, not ${JSON.stringify(retry)}`);
}

async function deliver(copy: Copy, stage: Stage): Promise<ExpectedEvent[]> {
  // A retry is the same send: its second Sent is not logged.
  await reportEvents(copy, [{ type: "sent" }, { type: "delivered" }], stage);
  const due = await dueRetries(stage);
  check(due.length === 0, `it is delivered, and GET /v1/retries still answers ${JSON.stringify(due)}`);
  stage.say("reported: sent again, and delivered; no retry is due any more");
  return [of(copy, "delivered")];
}

function of({ ids, send }: Copy, type: EventType, bounce?: ExpectedEvent["bounce"]): ExpectedEvent {
  return { type, person: ids.person, send, ...(bounce === undefined ? {} : { bounce }) };
}

function recipient(person: string, address: string): DemoRecipient {
  return { ids: { email: EMAIL, person, campaign: CAMPAIGN }, address };
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

function sizeOf({ html = "", text = "" }: Copy): string {
  return counted(html.length + text.length, "character");
}

/** A URL's first 100 characters. */
function shortened(url: string): string {
  return url.length <= 100 ? url : `${url.slice(0, 99)}…`;
}
