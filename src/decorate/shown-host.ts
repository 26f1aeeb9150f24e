/**
 * Links whose text is a web address of another site than the one that they lead to: people and mail clients take them
 * for phishing. Gives up: text in which an address is only a part, and sites that share an unusual public suffix.
 */

const ADDRESS = /^(?:(https?):\/\/)?((?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]+)(?::[0-9]+)?(?:[/?#]\S*)?$/iu;

/** Names of files, which without a scheme look like hosts. */
const FILE =
  /\.(?:pdf|docx?|xlsx?|pptx?|odt|csv|txt|html?|json|xml|ya?ml|md|ics|zip|gz|exe|jpe?g|png|gif|svg|mp[34]|js|ts|py)$/i;

/** Under these, everybody may have a domain: co.uk, com.au. */
const SHARED_SUFFIX = /^(?:ac|co|com|edu|gov|ne|net|or|org)\.[a-z]{2}$/;

/** @param text what a link shows; @param url where it leads */
export function showsOtherHost(text: string, url: string): boolean {
  const [, scheme, host = ""] = ADDRESS.exec(text.trim().replace(/(?<![.,;:!?])[.,;:!?]+$/, "")) ?? [];
  if (host === "" || (scheme === undefined && FILE.test(host)) || !URL.canParse(`https://${host}`)) return false;
  return siteOf(new URL(`https://${host}`).hostname) !== siteOf(new URL(url).hostname);
}

/** The part of a host that one owner has: its last two labels, or three under a shared suffix. */
function siteOf(host: string): string {
  const labels = host.split(".");
  const count = SHARED_SUFFIX.test(labels.slice(-2).join(".")) ? 3 : 2;
  return labels.slice(-count).join(".");
}
