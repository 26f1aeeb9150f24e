/**
 * Reverts what decorating may change in an email's HTML, without the decorator's code: one pixel, and the Worker's
 * addresses in place of the sender's. Bytes are one character each.
 */

export interface Undecorated {
  /** `original` again, where nothing but pixel and addresses changed. */
  readonly html: string;
  /** Every address of the Worker's, in order. */
  readonly addresses: readonly string[];
  readonly pixels: number;
}

export function undecorated(decorated: string, original: string, origin: string): Undecorated {
  const pixel = new RegExp(`<img src="${origin}/o/[\\w-]+\\.gif"[^>]*>`, "g");
  const address = new RegExp(`${origin}/[cu]/[\\w-]+`, "g");
  const pixels = decorated.match(pixel)?.length ?? 0;
  const withoutPixel = decorated.replace(pixel, "");
  let html = "";
  for (const [index, literal] of withoutPixel.split(address).entries()) {
    if (index > 0) html += valueAt(original, html.length, html.at(-1));
    html += literal;
  }
  return { html, addresses: withoutPixel.match(address) ?? [], pixels };
}

/**
 * The attribute value that begins at `start` of the original, after `before`: up to the same quote, or a space or ">".
 */
function valueAt(original: string, start: number, before: string | undefined): string {
  const rest = original.slice(start);
  const end = before === '"' || before === "'" ? rest.indexOf(before) : rest.search(/[\s>]/);
  return end < 0 ? rest : rest.slice(0, end);
}
