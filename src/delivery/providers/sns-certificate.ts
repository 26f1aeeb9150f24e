/**
 * The certificates that SNS signs with. Guarantees that only Amazon's own hosts are ever asked for one: trust in a signature is
 * trust in the TLS connection that its certificate came by. Gives up: building a chain.
 */
import { type KeyObject, X509Certificate } from "node:crypto";
import type { Surroundings } from "./provider.ts";

/** No user info, no port, no other path, no query. */
const CERTIFICATE_URL =
  /^https:\/\/sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/SimpleNotificationService-[A-Za-z0-9]+\.pem$/;
/** Those of today are 2 KB. */
const MAX_BYTES = 16 * 1024;
const DEADLINE_MS = 5_000;
/** A region has one, and a new one each year. */
const KEPT = 20;

/** By URL, for this isolate. What Amazon has once published under a name never changes. */
const kept = new Map<string, X509Certificate>();

/**
 * The key of a certificate. Throws when Amazon cannot be reached, so that SNS tries again. An expired certificate is refused: its
 * key may long be somebody else's.
 */
export async function signingKey(
  url: string,
  { fetch, nowMs }: Surroundings,
): Promise<KeyObject | "foreign_certificate_url" | "bad_certificate"> {
  if (!CERTIFICATE_URL.test(url)) return "foreign_certificate_url";
  const certificate = kept.get(url) ?? (await fetchCertificate(url, fetch));
  if (certificate === undefined) return "bad_certificate";
  if (kept.size >= KEPT) kept.clear();
  kept.set(url, certificate);
  const isValid = Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);
  return isValid ? certificate.publicKey : "bad_certificate";
}

async function fetchCertificate(
  url: string,
  fetch: Surroundings["fetch"],
): Promise<X509Certificate | undefined> {
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
