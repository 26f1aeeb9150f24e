/** What checks each provider's webhooks. */
export interface ProviderSettings {
  /** ARNs of the SNS topics that may speak for Amazon SES. */
  readonly sesTopics: readonly string[];
  /** SubjectPublicKeyInfo in base64, as SendGrid's "Signed Event Webhook" shows it. */
  readonly sendgridPublicKey: string | undefined;
  readonly mailgunSigningKey: string | undefined;
  /** "user:password" of HTTP basic authentication. */
  readonly postmarkCredentials: string | undefined;
  /** "whsec_" and base64. */
  readonly resendSecret: string | undefined;
}
