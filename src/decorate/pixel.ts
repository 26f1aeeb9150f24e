/**
 * The pixel's markup. Guarantees that it takes no room and shows nothing, whatever the email's style sheet says of
 * images. It is not hidden: clients do not load hidden images.
 */

/**
 * Positioned at the top of the page, because at the end it could lengthen the page by a pixel. Where a client strips
 * `position`, the box floats with negative margins of its own size; `top` undoes them. `!important`, because style
 * sheets of responsive emails say `img { width: 100% !important }`.
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
