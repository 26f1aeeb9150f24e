/**
 * The client IP, whole or as its network: the log stores it, and limits of calls count by it. Guarantees that a cut one
 * names a network and not a connection in it. What is not an IP address is left out.
 */
import type { HonoRequest } from "hono";

const IPV4_TEXT = /^\d+(?:\.\d+){3}$/;
const IPV6_TEXT = /^[\da-f:.]+$/i;
const IPV6_GROUPS = 8;
/** IPv6 is cut to /48, what a site gets (RFC 6177). */
const GROUPS_KEPT = 3;

/**
 * Cut: IPv4 to /24 ("203.0.113.0"), IPv6 to /48 ("2001:db8:1::"). An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2)
 * becomes its IPv4 address. Spelled as in RFC 5952 §4. Empty for `none`, and when `text` is not an IP address.
 */
export function keptIp(text: string, kept: "cut" | "whole" | "none"): string {
  if (kept === "none") return "";
  const ip = ipOf(text);
  return kept === "whole" ? ip : cut(ip);
}

/** The network that a call comes from: its caller can vary the rest of the address. Undefined on a local Worker. */
export function callerNetwork(req: HonoRequest): string | undefined {
  const network = keptIp(req.header("CF-Connecting-IP") ?? "", "cut");
  return network === "" ? undefined : network;
}

function cut(ip: string): string {
  if (ip === "") return "";
  if (!ip.includes(":")) return `${ip.slice(0, ip.lastIndexOf("."))}.0`;
  return hostOf(`[${groupsOf(ip).slice(0, GROUPS_KEPT).join(":")}::]`).slice(1, -1);
}

function ipOf(text: string): string {
  // The URL parser gives each address one spelling (WHATWG URL, "host serializing").
  if (IPV4_TEXT.test(text)) return hostOf(text) === text ? text : "";
  if (!IPV6_TEXT.test(text)) return "";
  const ip = hostOf(`[${text}]`).slice(1, -1);
  const groups = groupsOf(ip);
  const isMapped = groups[5] === "ffff" && groups.slice(0, 5).every((group) => group === "0");
  if (!isMapped) return ip;
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join(".");
}

function hostOf(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
}

/** The eight groups of an IPv6 address, "::" written out. */
function groupsOf(ip: string): readonly string[] {
  const [head = [], tail = []] = ip.split("::").map((half) => (half === "" ? [] : half.split(":")));
  if (!ip.includes("::")) return head;
  return [...head, ...new Array<string>(IPV6_GROUPS - head.length - tail.length).fill("0"), ...tail];
}
