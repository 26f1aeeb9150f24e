/** What capabilities find wrong with themselves, for /healthz and for alerts. */
import { PROVIDER_SETTINGS, refusedProviderSettings } from "./delivery/index.ts";
import type { HealthParts } from "./ingest/health.ts";
import { checkEndpoints } from "./webhooks/index.ts";

export const HEALTH_PARTS: HealthParts = {
  ownSettings: PROVIDER_SETTINGS,
  refusedSettings: refusedProviderSettings,
  webhookEndpoints: checkEndpoints,
};
