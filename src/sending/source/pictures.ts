/** The addresses of an email's pictures. */

/** Raster pictures: an SVG may hold more. */
const DATA = /^data:image\/(?:png|gif|jpe?g|webp|avif|bmp);/i;

/** An address that may be shown, by HTTPS; undefined for one of no picture. */
export function shownPicture(address: string): string | undefined {
  const text = address.trim();
  if (DATA.test(text)) return text;
  const whole = text.startsWith("//") ? `https:${text}` : text.replace(/^http:\/\//i, "https://");
  return /^https:\/\//i.test(whole) && URL.canParse(whole) ? new URL(whole).href : undefined;
}
