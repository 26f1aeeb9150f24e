/** Markup glued together at random, most of it broken. */
import fc from "fast-check";

const SCRAPS = [
  ..."<>/=\"'&-![] \n\r\t\f\0;#:|?".split(""),
  ..."x é 🦭 \ud83e \uddad \ufeff \u00a0 &amp; &lt &#0; &notin; &nbsp &#x110000;".split(" "),
  ..."<p> </p> <div> </div> <b> </b> </> </ </a> <br/> <img> <form> <noscript>".split(" "),
  ..."<table> <tr> <td> </td> </table> <html> <head> </head> <body> </body> </html>".split(" "),
  ..."<title> </title> <style> </style> <script> </script> <textarea> </textarea>".split(" "),
  ..."<xmp> </xmp> <iframe> </iframe> <plaintext> <!doctype <?x <![CDATA[ ]]>".split(" "),
  ..."<!-- --> <!--> --!> <!-- <!--[if <![endif]--> <![if] <![endif]> <!--[if]>".split(" "),
  "<!--[if mso]>",
  "<!doctype html>",
  '<a href="https://x.com/1">',
  "<a href='https://x.com/2'>",
  "<a href=https://x.com/3>",
  "<A\nHREF = https://x.com/4 href=https://x.com/5 >",
  '<v:rect href="https://x.com/6"/>',
  '<area title=">" href="//x.com/7">',
  '<a href="https://x.com/8',
  "<a href=https://x.com/9",
  " href='https://x.com/{{a}}'",
  " href=https://x.com/10",
  "https://x.com/11",
  "<base href=https://y.com/>",
  "<a href=a>",
  "<a",
];
const FOREIGN = [
  ..."<svg> </svg> <svg/> <math> </math> <mi> </mi> <desc> </desc>".split(" "),
  ..."<foreignObject> </foreignObject>".split(" "),
];
const DRAWING = "<svg><title>x</title><style>x</style><a href=https://x.com/12>x</a></svg>";

function soupOf(...scraps: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...SCRAPS, ...scraps), { maxLength: 40 }).map((all) => all.join(""));
}

export const soups = soupOf(...FOREIGN);

/** Without drawings that the end tag of an element around them closes: only a tree shows where they end. */
export const soupsOfTags = soupOf(DRAWING);

/** Without the brackets that tests write around decorated addresses. */
export const junk = fc.string({ unit: "binary", maxLength: 200 }).map((text) => text.replace(/[⟦⟧]/g, ""));
