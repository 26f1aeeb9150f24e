/**
 * The Durable Object that posts to ALERT_WEBHOOK what is wrong with the Worker, and that it is over. Guarantees one
 * accepted post for each beginning and each end, unless the object dies between the answer and its write; at most one
 * an hour for the same code; and that it needs nothing of what it warns of. Gives up what comes and goes in between.
 */
import { DurableObject } from "cloudflare:workers";
import { isoTime } from "../http/time.ts";
import type { HealthCode, HealthFindings } from "../ingest/health-findings.ts";
import { logger } from "../platform/logger.ts";
import { type AlertMessage, type AlertReceiver, postAlert } from "./post.ts";
import { accepted, isPostDue, NEVER_WRONG, notAccepted, seen, seenLoss, type WarningState } from "./warning-state.ts";

/** The name of the only one. */
export const ALERTS_NAME = "alerts";

/** Events that were lost are no state of the Worker's: they are never over. */
type AlertCode = HealthCode | "lost";

const LOST = 'Events were lost: "events not recorded" in the Worker\'s log shows them.';

export interface HealthReport {
  readonly findings: HealthFindings;
  /** When the isolate that reports lost events last; undefined: it has lost none. */
  readonly latestLossAtMs: number | undefined;
  readonly receiver: AlertReceiver;
  /** Which Worker it is: where its links lead, when that is set. */
  readonly origin: string | undefined;
}

export class Alerts extends DurableObject<Env> {
  #isReporting = false;

  /** Posts what is due, one after the other. Returns at once while another report is under way. */
  async report(report: HealthReport): Promise<void> {
    if (this.#isReporting) return;
    this.#isReporting = true;
    const { findings, latestLossAtMs } = report;
    try {
      for (const code of Object.keys(findings) as HealthCode[])
        await this.#update(code, report, (before) => seen(before, findings[code], Date.now()));
      await this.#update("lost", report, (before) => seenLoss(before, latestLossAtMs, LOST));
    } finally {
      this.#isReporting = false;
    }
  }

  async #update(code: AlertCode, { receiver, origin }: HealthReport, see: (before: WarningState) => WarningState) {
    const before = this.ctx.storage.kv.get<WarningState>(code) ?? NEVER_WRONG;
    const now = see(before);
    const after = isPostDue(now, Date.now()) ? await post(code, now, receiver, origin) : now;
    if (after !== before) this.ctx.storage.kv.put<WarningState>(code, after);
  }
}

async function post(
  warning: AlertCode,
  state: WarningState,
  receiver: AlertReceiver,
  origin: string | undefined,
): Promise<WarningState> {
  const posted = await postAlert(receiver, messageOf(warning, state, origin));
  if (posted.ok) return accepted(state, Date.now());
  logger.error("alert not accepted", { warning, tries: state.tries + 1, why: posted.reason, isGivenUp: false });
  return notAccepted(state, Date.now());
}

function messageOf(
  warning: AlertCode,
  { isWrong, sinceMs, text }: WarningState,
  origin: string | undefined,
): AlertMessage {
  const type = isWrong ? "health_warning.began" : "health_warning.ended";
  const where = origin === undefined ? "Waxseal" : `Waxseal at ${origin}`;
  return {
    id: `alert_${warning}_${isWrong ? "began" : "ended"}_${sinceMs}`,
    body: {
      type,
      timestamp: isoTime(Date.now()),
      text: isWrong ? `${where}: ${text}` : `${where}: this is over: ${text}`,
      data: { warning, since: isoTime(sinceMs), text, ...(origin === undefined ? {} : { origin }) },
    },
  };
}
