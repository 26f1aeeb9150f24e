/**
 * The certificates that SNS signs with. Guarantees that they are fetched from Amazon's own hosts only: a signature
 * is trusted as far as the TLS connection that delivered its certificate. Gives up: verifying a chain.
 */
import { type KeyObject, X509Certificate } from "node:crypto";
import QuickLRU from "quick-lru";
import { ok, type Result, refused } from "../../platform/result.ts";
import type { WebhookContext } from "./provider.ts";

/** No user info, no port, no other path, no query. */
const CERTIFICATE_URL =
  /^https:\/\/sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/SimpleNotificationService-[A-Za-z0-9]+\.pem$/;
/** Today's certificates have 2 KB. */
const MAX_BYTES = 16 * 1024;
const DEADLINE_MS = 5_000;

/**
 * By URL. A region has one certificate and a new one each year; Amazon never changes what it published under a
 * name.
 */
const certificates = new QuickLRU<string, X509Certificate>({ maxSize: 20 });

/**
 * The public key of the certificate at `url`. An expired certificate is refused: its key may have leaked since.
 * Throws when Amazon cannot be reached, so that SNS tries again.
 */
export async function signingKey(
  url: string,
  { fetch, nowMs }: WebhookContext,
): Promise<Result<KeyObject, "foreign_certificate_url" | "bad_certificate">> {
  if (!CERTIFICATE_URL.test(url)) return refused("foreign_certificate_url");
  const certificate = certificates.get(url) ?? (await fetchCertificate(url, fetch));
  if (certificate === undefined) return refused("bad_certificate");
  certificates.set(url, certificate);
  const isValid = Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);
  return isValid ? ok(certificate.publicKey) : refused("bad_certificate");
}

/** Undefined when Amazon has no certificate there. */
async function fetchCertificate(url: string, fetch: WebhookContext["fetch"]): Promise<X509Certificate | undefined> {
  const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(DEADLINE_MS) });
  if (answer.status >= 500) throw new Error(`the certificate's host answered ${answer.status}`);
  const pem = answer.status === 200 ? await textOf(answer) : undefined;
  if (pem === undefined) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Undefined when it is longer than any certificate. */
async function textOf(answer: Response): Promise<string | undefined> {
  let text = "";
  if (answer.body === null) return text;
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > MAX_BYTES) return undefined;
  }
  return text;
}
