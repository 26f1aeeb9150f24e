/** What is wrong with endpoints, for /healthz and alerts. */
import { isoTime } from "../http/time.ts";
import type { PartHealth } from "../ingest/health-findings.ts";
import { allEndpoints } from "./endpoints.ts";
import { endpointStatuses } from "./status.ts";

/** How many endpoints have a fault, and the oldest event not posted. */
interface WebhookEndpointsHealth {
  /** By Waxseal, not by the sender. */
  readonly disabled: number;
  readonly failing: number;
  readonly lagging: number;
  /** When the oldest event was recorded that is not posted to an endpoint that fails or lags. */
  readonly oldestUnpostedAt?: string;
}

/** Rejects with D1's error. */
export async function checkEndpoints(env: Env): Promise<PartHealth> {
  const health = await healthOfAll(env);
  // Each endpoint that is disabled has a post of its own.
  return { shown: health, warnings: warningsOf(health), alerts: warningsOf({ ...health, disabled: 0 }) };
}

async function healthOfAll(env: Env): Promise<WebhookEndpointsHealth> {
  const rows = await allEndpoints(env.DB);
  const enabled = rows.filter(({ disabledAt }) => disabledAt === null);
  const { statuses } = enabled.length === 0 ? { statuses: [] } : await endpointStatuses(env, enabled);
  const late = statuses.filter(({ status }) => status === "failing" || status === "lagging");
  const times = late.flatMap(({ oldestUnpostedAtMs }) => oldestUnpostedAtMs ?? []);
  const failing = late.filter(({ status }) => status === "failing").length;
  const disabled = rows.filter(
    ({ disabledAt, disabledReason }) => disabledAt !== null && disabledReason !== "by_sender",
  );
  return {
    disabled: disabled.length,
    failing,
    lagging: late.length - failing,
    ...(times.length === 0 ? {} : { oldestUnpostedAt: isoTime(Math.min(...times)) }),
  };
}

function warningsOf({ disabled, failing, lagging, oldestUnpostedAt }: WebhookEndpointsHealth): readonly string[] {
  const endpoints = (count: number) => `${count} webhook ${count === 1 ? "endpoint" : "endpoints"}`;
  const fail = `${endpoints(failing)} ${failing === 1 ? "fails" : "fail"}`;
  const lag = `${failing > 0 ? lagging : endpoints(lagging)} ${lagging === 1 ? "lags" : "lag"}`;
  const late = [...(failing > 0 ? [fail] : []), ...(lagging > 0 ? [lag] : [])].join(" and ");
  const where = '"waxseal webhooks list" shows them.';
  const isDisabled = `${disabled === 1 ? "is" : "are"} disabled, because of what they answered`;
  return [
    ...(disabled > 0 ? [`${endpoints(disabled)} ${isDisabled}: ${where}`] : []),
    ...(late === "" ? [] : [`${late}: the oldest event not posted was recorded at ${oldestUnpostedAt}. ${where}`]),
  ];
}
