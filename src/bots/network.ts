/**
 * Networks of mail scanners, by the organization's name as Cloudflare gives it and by AS numbers that published lists
 * agree on. Left out: hosting, and proxies behind which people browse (Zscaler, Cloudflare, iCloud Private Relay,
 * Symantec's and Cisco's web security, VPNs).
 */

export interface ScanningNetwork {
  readonly name: string;
  /** It loads pictures when a person reads, but its clicks are a scanner's: Outlook.com beside Safe Links. */
  readonly loadsPictures: boolean;
}

const MICROSOFT: ScanningNetwork = { name: "Microsoft", loadsPictures: true };

/** 8075 and 8069: learn.microsoft.com/azure/internet-peering; the others: published lists. More are known by name. */
const MICROSOFT_NUMBERS: ReadonlySet<number> = new Set([8068, 8069, 8070, 8071, 8075, 12076]);

const scanner = (name: string): ScanningNetwork => ({ name, loadsPictures: false });

const SCANNER_NUMBERS: ReadonlyMap<number, ScanningNetwork> = new Map([
  [22843, scanner("Proofpoint")],
  [26211, scanner("Proofpoint")],
  [52129, scanner("Proofpoint")],
  [30031, scanner("Mimecast")],
  [42427, scanner("Mimecast")],
  [15324, scanner("Barracuda")],
  [16417, scanner("Cisco IronPort")],
]);

const MICROSOFT_NAME = /^microsoft\b/i;
const SCANNER_NAME = new RegExp(
  [
    "\\b(?:proofpoint|mimecast|barracuda|ironport|messagelabs|symantec email|trend ?micro|hornetsecurity|vade ?secure",
    "retarus|mailguard|libraesva)",
  ].join("|"),
  "i",
);

/** The scanning network of a request; undefined for any other, and when neither value is known. */
export function scanningNetworkOf(
  asn: number | undefined,
  organization: string | undefined,
): ScanningNetwork | undefined {
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
