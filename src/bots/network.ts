/**
 * The networks from which mail is scanned rather than read. By the organization's name as Cloudflare gives it, and by the numbers
 * that published lists agree on. Left out: hosting, and proxies behind which people browse
 * (Zscaler, Cloudflare, iCloud Private Relay, Symantec's and Cisco's web security, VPNs).
 */

export interface Network {
  readonly name: string;
  /** Its pictures are loaded when a person looks, but its visits to links are a scanner's: Outlook.com beside Safe Links. */
  readonly loadsPictures: boolean;
}

const MICROSOFT: Network = { name: "Microsoft", loadsPictures: true };

/** 8075 and 8069 by learn.microsoft.com/azure/internet-peering, the others by published lists; more of its networks go by their name. */
const MICROSOFT_NUMBERS: ReadonlySet<number> = new Set([8068, 8069, 8070, 8071, 8075, 12076]);

const scanner = (name: string): Network => ({ name, loadsPictures: false });

const SCANNER_NUMBERS: ReadonlyMap<number, Network> = new Map([
  [22843, scanner("Proofpoint")],
  [26211, scanner("Proofpoint")],
  [52129, scanner("Proofpoint")],
  [30031, scanner("Mimecast")],
  [42427, scanner("Mimecast")],
  [15324, scanner("Barracuda")],
  [16417, scanner("Cisco IronPort")],
]);

const MICROSOFT_NAME = /^microsoft\b/i;
const SCANNER_NAME =
  /\b(?:proofpoint|mimecast|barracuda|ironport|messagelabs|symantec email|trend ?micro|hornetsecurity|vade ?secure|retarus|mailguard|libraesva)/i;

/** `undefined`: any other network, or none is known. */
export function scanningNetworkOf(
  asn: number | undefined,
  organization: string | undefined,
): Network | undefined {
  if (asn !== undefined) {
    if (MICROSOFT_NUMBERS.has(asn)) return MICROSOFT;
    const known = SCANNER_NUMBERS.get(asn);
    if (known !== undefined) return known;
  }
  if (organization === undefined) return undefined;
  if (MICROSOFT_NAME.test(organization)) return MICROSOFT;
  const name = SCANNER_NAME.exec(organization)?.[0];
  return name === undefined ? undefined : scanner(name);
}
