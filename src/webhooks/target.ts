/**
 * Where events may be posted: to hosts of the public internet, by HTTPS. Guarantees that no spelling of an address of
 * another network passes: the URL parser writes each (decimal, octal, hexadecimal, short, full-width) in one form, and
 * of that form only public unicast addresses pass. Gives up names that resolve to such an address: the runtime resolves
 * a name itself when it posts, and shows no address; Cloudflare refuses those itself (its error 1000 or 1002).
 */
import ipaddr from "ipaddr.js";
import type { Settings } from "../config/settings.ts";
import { ok, type Result, refused } from "../platform/result.ts";

/** Azure's metadata service: the one that has a public address. */
const PUBLIC_METADATA = "168.63.129.16";
/** 2000::/3 (RFC 4291 §2.5.4, IANA's registry of IPv6 address space). */
const GLOBAL_UNICAST = ipaddr.IPv6.parse("2000::");
const GLOBAL_UNICAST_BITS = 3;
/** Google's metadata service: the one whose name is of the public internet. */
const METADATA_NAME = /(?:^|\.)metadata\.goog$/;
/**
 * Top-level names of no public host: RFC 6761, 6762, 7686 and 8375, ICANN's "internal", and those that routers,
 * Kubernetes (svc) and Consul use.
 */
const LOCAL_NAME = new RegExp(
  "(?:^|\\.)(?:arpa|consul|corp|home|internal|intranet|invalid|lan|local|localdomain|localhost|localnet|onion|" +
    "private|svc|test|workgroup)$",
);
/** A server on a developer's machine, as a developer writes it: in any other spelling it is refused there, too. */
const LOCAL_SERVER = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:[/?#]|$)/;

/**
 * Whether an endpoint may have this URL; a refusal says why, as the end of a sentence.
 * @param isDevelopment it may be a server on this machine, by HTTP
 * @param own origins of this Worker: a post to /u/ would unsubscribe
 */
export function checkTarget(text: string, isDevelopment: boolean, own: readonly string[] = []): Result<URL, string> {
  if (!URL.canParse(text)) return refused("must be an https URL");
  const url = new URL(text);
  if (own.some((origin) => hostOf(new URL(origin)) === hostOf(url))) return refused("must not be of this Worker");
  if (isDevelopment && LOCAL_SERVER.test(text)) return ok(url);
  if (url.protocol !== "https:") return refused("must be an https URL");
  if (url.username !== "" || url.password !== "") return refused("must not hold a user name or password");
  if (!isPublicHost(url.hostname)) return refused("must be of a host on the public internet");
  return ok(url);
}

/** With the port. The names of this machine are one. */
function hostOf({ host }: URL): string {
  return host.replace(/^(?:127\.0\.0\.1|\[::1\])(?=:|$)/, "localhost");
}

/** Where this Worker itself answers, by its settings. */
export function ownOrigins({
  trackingOrigin,
  trackingOrigins,
}: Pick<Settings, "trackingOrigin" | "trackingOrigins">): readonly string[] {
  const origins = trackingOrigins.map(({ origin }) => origin);
  return trackingOrigin === undefined ? origins : [trackingOrigin, ...origins];
}

/** @param host as the URL parser writes it: in lower case, an IPv6 address in brackets */
function isPublicHost(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (ipaddr.isValid(address)) return isPublicAddress(ipaddr.parse(address));
  // A name without a dot is of the local network, and one that ends in a dot is another spelling.
  return host.includes(".") && !host.endsWith(".") && !LOCAL_NAME.test(host) && !METADATA_NAME.test(host);
}

function isPublicAddress(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.toString() === PUBLIC_METADATA || address.range() !== "unicast") return false;
  // Only this part of IPv6 is assigned to hosts; outside of it are old ways to write IPv4, like ::127.0.0.1.
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST, GLOBAL_UNICAST_BITS);
}
