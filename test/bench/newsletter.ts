/** A template of 30 KB with twelve links, made from nothing but its size. */
import { ok } from "node:assert/strict";

const BYTES = 30_000;
export const LINK_COUNT = 12;

const SENTENCE =
  "Linen that has been washed in the Drôme, lavender from the plateau, and soap that was stirred for ten days. ";

function link(index: number): string {
  const query = `utm_source=newsletter&amp;utm_medium=email&amp;item=${index}`;
  return `https://shop.example.com/collections/autumn/products/linen-${index}?${query}`;
}

/** HTML with `{{unsubscribe}}`, and every address as `address(index)` spells it. */
export function newsletter(address: (index: number) => string = link): string {
  const sections = Array.from({ length: LINK_COUNT }, (_, index) => {
    const words = SENTENCE.repeat(20);
    return [
      '<table role="presentation" width="100%"><tr><td style="padding:24px;font-family:sans-serif">',
      `<h2>Section ${index + 1}</h2><p>${words}</p>`,
      `<a href="${address(index)}" style="color:#7a1f2b">Have a look</a></td></tr></table>\n`,
    ].join("");
  });
  const html = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>November</title></head><body>\n',
    ...sections,
    '<p><a href="{{unsubscribe}}">Unsubscribe</a></p>\n</body></html>\n',
  ].join("");
  ok(Math.abs(html.length - BYTES) < BYTES / 10, `the template has ${html.length} characters`);
  return html;
}
