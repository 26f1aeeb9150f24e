/**
 * The pixel's markup. Guarantees that it takes no room and shows nothing in a browser, whatever the email's own style
 * sheet says of images; still an image that is shown, since clients do not load hidden ones.
 */

/**
 * Out of the flow at the top of the page: at the end of the body it could lengthen the page by its one pixel. Where a client
 * strips `position`, the floating box takes no room either, its margins being as negative as it is large; hence also `top`.
 * Important, because style sheets of responsive emails say `img { width: 100% !important }`.
 */
const STYLE = [
  "position:absolute",
  "top:1px",
  "left:0",
  "float:left",
  "width:1px",
  "height:1px",
  "min-width:0",
  "min-height:0",
  "max-width:1px",
  "max-height:1px",
  "margin:-1px -1px 0 0",
  "padding:0",
  "border:0",
  "outline:0",
  "opacity:0",
]
  .map((declaration) => `${declaration}!important`)
  .join(";");

const AFTER_URL = `" width="1" height="1" border="0" alt="" style="${STYLE}">`;

export function pixelMarkup(url: string): string {
  return `<img src="${url}${AFTER_URL}`;
}
