/**
 * The secrets, which wrangler.toml does not list and `wrangler types` therefore does not know. All are checked when
 * they are read (variables.ts); a missing one is undefined.
 */
interface __BaseEnv_Env {
  readonly TOKEN_KEYS?: string;
  readonly API_KEYS?: string;
  readonly RETRY_WEBHOOK_SECRET?: string;
  readonly SENDGRID_PUBLIC_KEY?: string;
  readonly MAILGUN_SIGNING_KEY?: string;
  readonly POSTMARK_CREDENTIALS?: string;
  readonly RESEND_SECRET?: string;
}
