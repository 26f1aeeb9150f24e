/**
 * Links whose text is, or names, a web address of another site than the one that they lead to: people and mail clients
 * take them for phishing. Gives up: among other words, hosts without a scheme under unusual suffixes, which may be
 * something else; and sites that share an unusual public suffix.
 */
import { INVISIBLE } from "./reading.ts";

const NAME = String.raw`(?<name>(?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]+)`;
/** Behind a scheme also one label, and numbers. What comes before it may look like a host. */
const HOST = String.raw`(?:(?<user>[^\s/?#@]{1,255})@)?(?<host>[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*|\[[\da-f:.]+\])`;
const REST = String.raw`(?::[0-9]+)?(?:[/?#]\S*)?`;

/** Text that is nothing else. */
const ADDRESS = new RegExp(String.raw`^(?:https?:\/\/${HOST}|${NAME})${REST}$`, "iu");

/** Such an address among other words; no address of email. */
const IN_WORDS = new RegExp(
  String.raw`(?:https?:\/\/${HOST}|(?<![\p{L}\p{N}_.@/-])${NAME})(?!\.?[\p{L}\p{N}_@-])${REST}`,
  "giu",
);

const LONG_SUFFIXES = "com org net edu gov info biz io app dev example";
const COUNTRIES =
  "ac au br ca ch cn co cz de dk es eu fi fr gr hk hu ie il jp kr mx nl nz pl pt ro ru se sk tr tw ua uk za";
/** Among words, hosts without a scheme end so. Not "it", "me", "no": a space may be missing in front of a word. */
const SUFFIXES = new Set([LONG_SUFFIXES, COUNTRIES].flatMap((suffixes) => suffixes.split(" ")));

/** Names of files, which without a scheme look like hosts. */
const FILE =
  /\.(?:pdf|docx?|xlsx?|pptx?|odt|csv|txt|html?|json|xml|ya?ml|md|ics|zip|gz|exe|jpe?g|png|gif|svg|mp[34]|js|ts|py)$/i;

/** Under these, everybody may have a domain: co.uk, com.au. */
const SHARED_SUFFIX = /^(?:ac|co|com|edu|gov|ne|net|or|org)\.[a-z]{2}$/;

/** @param text what a link shows; @param url where it leads */
export function showsOtherHost(text: string, url: string): boolean {
  const site = siteOf(new URL(url).hostname);
  return shownHosts(text).some(
    (host) => URL.canParse(`https://${host}`) && siteOf(new URL(`https://${host}`).hostname) !== site,
  );
}

/** Full-width forms of ASCII, and the half-width form of a full stop: hosts are read with dots in their place. */
const FULL_WIDTH = /[\uff01-\uff5e\uff61]/g;
const HALF_WIDTH_STOP = "\uff61";
const FULL_WIDTH_OFFSET = 0xfee0;
/** A dot of hosts, too, but more often the end of a sentence. */
const IDEOGRAPHIC_STOP = "。";

function shownHosts(shown: string): readonly string[] {
  const text = shown.replaceAll(INVISIBLE, "").replaceAll(FULL_WIDTH, inAscii);
  const stopped = text.trim().replace(/(?<![.,;:!?。])[.,;:!?。]+$/, "");
  const whole = ADDRESS.exec(stopped.replaceAll(IDEOGRAPHIC_STOP, "."))?.groups;
  if (whole !== undefined) return hostsOf(whole).filter((host) => whole.host !== undefined || !FILE.test(host));
  return [...text.matchAll(IN_WORDS)].flatMap(({ groups = {} }) =>
    hostsOf(groups).filter((host) => groups.host !== undefined || isKnown(host.toLowerCase())),
  );
}

function inAscii(character: string): string {
  return character === HALF_WIDTH_STOP ? "." : String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH_OFFSET);
}

function hostsOf({ user = "", host, name }: Readonly<Record<string, string | undefined>>): readonly string[] {
  return [user.includes(".") ? user : undefined, host, name].filter((each) => each !== undefined);
}

function isKnown(host: string): boolean {
  return host.startsWith("www.") || SUFFIXES.has(host.slice(host.lastIndexOf(".") + 1));
}

/** As URL parsers write them. */
const IP_ADDRESS = /^(?:[\d.]+$|\[)/;

/** The part of a host that one owner has: its last two labels, or three under a shared suffix. */
function siteOf(host: string): string {
  if (IP_ADDRESS.test(host)) return host;
  const labels = host.split(".");
  const count = SHARED_SUFFIX.test(labels.slice(-2).join(".")) ? 3 : 2;
  return labels.slice(-count).join(".");
}
