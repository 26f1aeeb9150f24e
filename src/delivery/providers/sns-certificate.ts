/**
 * The certificates that SNS signs with. Guarantees that they are fetched from Amazon's host of the topic's region
 * only: a signature is trusted as far as the TLS connection that delivered its certificate. Gives up: verifying a
 * chain.
 */
import { type KeyObject, X509Certificate } from "node:crypto";
import QuickLRU from "quick-lru";
import { ok, type Result, refused } from "../../platform/result.ts";
import type { WebhookContext } from "./provider.ts";

const CERTIFICATE_PATH = /^SimpleNotificationService-[A-Za-z0-9]+\.pem$/;
/** Today's certificates have 2 KB. */
const MAX_BYTES = 16 * 1024;
const DEADLINE_MS = 5_000;

/**
 * By URL. A region has one certificate and a new one each year; Amazon never changes what it published under a
 * name.
 */
const certificates = new QuickLRU<string, X509Certificate>({ maxSize: 20 });

/** The domain of Amazon's hosts in each partition: the world, China, the government of the United States. */
const DOMAINS: ReadonlyMap<string | undefined, string> = new Map([
  ["aws", "amazonaws.com"],
  ["aws-cn", "amazonaws.com.cn"],
  ["aws-us-gov", "amazonaws.com"],
]);

/** What follows SNS's host of the topic's region in `url`; undefined when the URL is of another host. */
export function snsPath(url: string, topicArn: string): string | undefined {
  const [, partition, region] = /^arn:([a-z-]+):sns:([a-z0-9-]+):/.exec(topicArn) ?? [];
  const domain = DOMAINS.get(partition);
  const origin = `https://sns.${region}.${domain}/`;
  return domain !== undefined && url.startsWith(origin) ? url.slice(origin.length) : undefined;
}

/**
 * The public key of the certificate at `url`, of a message of the topic. An expired certificate is refused: its key
 * may have leaked since. Throws when Amazon cannot be reached, so that SNS tries again.
 */
export async function signingKey(
  url: string,
  topicArn: string,
  { fetch, nowMs }: WebhookContext,
): Promise<Result<KeyObject, "foreign_certificate_url" | "bad_certificate">> {
  if (!CERTIFICATE_PATH.test(snsPath(url, topicArn) ?? "")) return refused("foreign_certificate_url");
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
