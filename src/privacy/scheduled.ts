/** Background work for privacy, once a minute: erasures first, then retention. Never rejects. */

import type { Settings } from "../config/settings.ts";
import { logger } from "../platform/logger.ts";
import { workOnErasures } from "./erase.ts";
import { workOnRetention } from "./retention.ts";

/** Works until `untilMs`, in ms since 1970 UTC. An error leaves the rest to the next minute. */
export async function runPrivacyWork(
  env: Pick<Env, "DB" | "OUTBOX">,
  { bots, retentionDays }: Pick<Settings, "bots" | "retentionDays">,
  untilMs: number,
): Promise<void> {
  try {
    await workOnErasures(env, bots, untilMs);
    if (retentionDays !== undefined) await workOnRetention(env.DB, retentionDays, untilMs);
  } catch (error) {
    logger.error("erasures and retention have to wait", { error });
  }
}
