/** What is wrong with the Worker, as the scheduled handler hands it once a minute to the object that posts it. */
import { objectNamed } from "../config/objects.ts";
import type { Settings } from "../config/settings.ts";
import { findWarnings, type HealthParts } from "../ingest/health.ts";
import { latestLossAtMs } from "../ingest/record.ts";
import { ALERTS_NAME, type HealthReport } from "./alerts.ts";

export type AlertSettings = Pick<Settings, "alertWebhook" | "trackingOrigin" | "refused">;

/** undefined: alerts are posted nowhere. Never rejects. */
export async function healthReport(
  env: Env,
  { alertWebhook: receiver, trackingOrigin: origin, refused }: AlertSettings,
  others: HealthParts,
): Promise<HealthReport | undefined> {
  if (receiver === undefined) return undefined;
  const findings = await findWarnings(env, others, refused);
  return { findings, latestLossAtMs: latestLossAtMs(), receiver, origin };
}

/** Posts what is due of a report. */
export async function postWarnings(env: Env, report: HealthReport): Promise<void> {
  await objectNamed(env.ALERTS, ALERTS_NAME, env).report(report);
}
