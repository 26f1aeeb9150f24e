/** What capabilities find wrong with themselves, for /healthz and for alerts. */
import { refusedProviderSettings } from "./delivery/index.ts";
import type { HealthParts } from "./ingest/health.ts";
import { checkEndpoints } from "./webhooks/index.ts";

export const HEALTH_PARTS: HealthParts = {
  refusedSettings: refusedProviderSettings,
  webhookEndpoints: checkEndpoints,
};
