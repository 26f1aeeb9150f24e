/**
 * Links whose text is, or names, a web address of another site than the one that they lead to: people and mail clients
 * take them for phishing. Gives up: among other words, hosts without a scheme under unusual suffixes, which may be
 * something else; and sites that share an unusual public suffix.
 */

/** Text that is nothing else. */
const ADDRESS = /^(?:(https?):\/\/)?((?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]+)(?::[0-9]+)?(?:[/?#]\S*)?$/iu;

/** Such an address among other words; no address of email. */
const IN_WORDS = new RegExp(
  String.raw`(?:(https?):\/\/|(?<![\p{L}\p{N}_.@/-]))((?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]+)` +
    String.raw`(?!\.?[\p{L}\p{N}_@-])(?::[0-9]+)?(?:[/?#]\S*)?`,
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

/** Where a line may break inside a word. */
const INVISIBLE = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;

function shownHosts(shown: string): readonly string[] {
  const text = shown.replaceAll(INVISIBLE, "");
  const whole = ADDRESS.exec(text.trim().replace(/(?<![.,;:!?])[.,;:!?]+$/, ""));
  if (whole !== null) {
    const [, scheme, host = ""] = whole;
    return scheme === undefined && FILE.test(host) ? [] : [host];
  }
  return [...text.matchAll(IN_WORDS)].flatMap(([, scheme, host = ""]) =>
    scheme !== undefined || isKnown(host.toLowerCase()) ? [host] : [],
  );
}

function isKnown(host: string): boolean {
  return host.startsWith("www.") || SUFFIXES.has(host.slice(host.lastIndexOf(".") + 1));
}

/** The part of a host that one owner has: its last two labels, or three under a shared suffix. */
function siteOf(host: string): string {
  const labels = host.split(".");
  const count = SHARED_SUFFIX.test(labels.slice(-2).join(".")) ? 3 : 2;
  return labels.slice(-count).join(".");
}
