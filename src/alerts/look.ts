/** The look of each minute: what is wrong is handed to the object that tells it. */
import type { Settings } from "../config/settings.ts";
import { findWarnings, type HealthParts } from "../ingest/health.ts";
import { ALERTS_NAME } from "./alerts.ts";

export type AlertSettings = Pick<Settings, "alertWebhook" | "trackingOrigin" | "refused">;

/**
 * Resolves once it is known what is wrong, to a function that tells it. undefined: nobody is to be told. Rejects never.
 */
export async function lookForWarnings(
  env: Env,
  { alertWebhook: receiver, trackingOrigin: origin, refused }: AlertSettings,
  others: HealthParts,
): Promise<(() => Promise<void>) | undefined> {
  if (receiver === undefined) return undefined;
  const findings = await findWarnings(env, others, refused);
  return async () => await env.ALERTS.getByName(ALERTS_NAME).report({ findings, receiver, origin });
}
