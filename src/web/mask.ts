/**
 * An address, masked: its owner recognises it, and who merely has the link learns no address from it. What is hidden is one
 * "…" whatever its length. Never throws, whatever the text.
 */

const HIDDEN = "…";

/** From this many characters on, a domain shows its end too: of a shorter one that would leave too little hidden. */
const LONG = 4;

/**
 * "marie@example.com" → "m…@e…e.com". A name of one character is hidden whole, and of a domain with several dots only what is
 * behind the last one stands.
 */
export function maskAddress(address: string): string {
  const text = address.toWellFormed();
  const at = text.lastIndexOf("@");
  if (at < 0) return masked(text, { end: false });
  const domain = text.slice(at + 1);
  const dot = domain.lastIndexOf(".");
  const [name, behind] = dot < 0 ? [domain, ""] : [domain.slice(0, dot), domain.slice(dot)];
  return `${masked(text.slice(0, at), { end: false })}@${masked(name, { end: true })}${behind}`;
}

function masked(text: string, { end }: { readonly end: boolean }): string {
  // What a reader takes for one character may be several code points: ends are not to be cut out of one.
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const [first] = characters;
  const last = characters.at(-1);
  if (first === undefined || last === undefined || characters.length === 1) return HIDDEN;
  return end && characters.length >= LONG ? `${first}${HIDDEN}${last}` : `${first}${HIDDEN}`;
}
