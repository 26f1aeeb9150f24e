/**
 * The secrets that wrangler.toml does not list and `wrangler types` therefore does not know, without those of providers
 * (src/delivery/providers/variables.d.ts). All are checked when they are read; a missing one is undefined.
 */
interface __BaseEnv_Env {
  readonly TOKEN_KEYS?: string;
  readonly API_KEYS?: string;
  readonly ALERT_WEBHOOK?: string;
  readonly ALERT_WEBHOOK_SECRET?: string;
}
