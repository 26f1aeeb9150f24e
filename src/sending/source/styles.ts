/**
 * The styles of an email without what reaches out of it. Guarantees that no address is left but pictures', and those
 * only on request. Gives up: styles that are not written as CSS is. The content security policy is the second guard.
 */
/** Functions that name an address as a text, and what old browsers ran. */
const BLOCKED =
  /(?:-webkit-)?image-set\s*\(|\bimage\s*\(|\bsrc\s*\(|cross-fade\s*\(|expression\s*\(|-moz-binding|behavior/gi;
const URL_FUNCTION = /url\s*\(\s*("[^"]*"?|'[^']*'?|[^)"']*)\s*\)?/gi;
const AT_RULES = /@(?:import|charset|namespace)\b[^;{}]*;?/gi;
/** `\72`, `\000072 ` and `\r` may all stand for a letter (CSS Syntax, 4.3.7). */
const ESCAPE = /\\(?:([0-9a-f]{1,6})[ \t\n\f\r]?|([^0-9a-f\n]))/gi;

/**
 * A style sheet, or the value of a style attribute.
 * @param pictureAt what becomes of a picture's address; undefined: it goes
 */
export function cleanStyle(css: string, pictureAt: (address: string) => string | undefined): string {
  return withoutComments(css.replace(ESCAPE, unescaped))
    .replace(AT_RULES, "")
    .replace(BLOCKED, "blocked(")
    .replace(URL_FUNCTION, (_, quoted: string) => {
      const picture = pictureAt(quoted.replace(/^["']|["']$/g, ""));
      return picture === undefined ? "none" : `url("${picture.replace(/["\\\n]/g, encodeURIComponent)}")`;
    })
    .replace(/<(?=[/!?a-z])|waxseal/gi, "");
}

function withoutComments(css: string): string {
  let out = "";
  let from = 0;
  for (let start = css.indexOf("/*"); start >= 0; start = css.indexOf("/*", from)) {
    out += `${css.slice(from, start)} `;
    const end = css.indexOf("*/", start + 2);
    from = end < 0 ? css.length : end + 2;
  }
  return out + css.slice(from);
}

/** Letters only: others, as in `.\31 0px`, would mean something else without the escape. */
function unescaped(written: string, digits: string | undefined, character: string | undefined): string {
  const code = digits === undefined ? character?.codePointAt(0) : Number.parseInt(digits, 16);
  const text = code === undefined || code > 0x7f ? "" : String.fromCharCode(code);
  return /^[A-Za-z@(]$/.test(text) ? text : written;
}
