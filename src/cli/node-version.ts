/**
 * Whether this Node can run the command. Guarantees that an older one reads this file, too: it imports nothing, and is
 * written in what Node 12 knows.
 */

/** `engines` of package.json. */
export const SUPPORTED_NODE = "^20.19.0 || >=22.12.0";

/**
 * @param version of Node, "22.12.0"
 * @returns one sentence for its user, or undefined when the version is supported
 */
export function nodeComplaint(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  if (isSupported) return undefined;
  return `waxseal: this is Node ${version}, and Waxseal needs ${SUPPORTED_NODE}: get one at https://nodejs.org.`;
}
