/**
 * In the Worker's bundle, by an alias in wrangler.toml, these stand for postal-mime's 2,231 names of characters, which would be 12 KB of
 * it. Only its rendering of HTML as text asks for them, of mails that have both; a name that is missing here stays as it is written.
 */
export const htmlEntities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&apos;": "'",
  "&gt;": ">",
  "&lt;": "<",
  "&nbsp;": " ",
  "&quot;": '"',
};
