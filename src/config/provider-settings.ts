/** What verifies each provider's webhooks. Default: none; a provider without its setting is refused. */
export interface ProviderSettings {
  /** SES_TOPICS: ARNs of the SNS topics that may speak for Amazon SES. */
  readonly sesTopics: readonly string[];
  /** SENDGRID_PUBLIC_KEY: SubjectPublicKeyInfo in base64, as SendGrid's "Signed Event Webhook" shows it. */
  readonly sendgridPublicKey: string | undefined;
  /** MAILGUN_SIGNING_KEY, a secret. */
  readonly mailgunSigningKey: string | undefined;
  /** POSTMARK_CREDENTIALS, a secret: "user:password" of HTTP basic authentication. */
  readonly postmarkCredentials: string | undefined;
  /** RESEND_SECRET: "whsec_" and base64. */
  readonly resendSecret: string | undefined;
}
