/** The style of the recipients' pages: a card with a band of the sender's colour; on a phone, the whole screen. */
import type { Color } from "../platform/color.ts";
import { legibleOn, textOn } from "./color.ts";

const CARD = { light: "#ffffff", dark: "#211e1c" } as const;

export function recipientStyle(color: Color): string {
  const light = legibleOn(CARD.light, color);
  const dark = legibleOn(CARD.dark, color);
  return `:root{color-scheme:light dark;--brand:${color};--on:${textOn(color)};--accent:${light};
--card:${CARD.light};--paper:#f3f0ec;--ink:#211c19;--soft:#635a53;--line:#e3ddd6}
@media(prefers-color-scheme:dark){:root{--accent:${dark};--card:${CARD.dark};--paper:#141210;--ink:#f4efeb;
--soft:#b9afa7;--line:#3d3733}}${RULES}`;
}

const RULES = `
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--card);color:var(--ink);
font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
header{background:var(--brand);color:var(--on);padding:1.5rem 1.5rem 3.25rem;text-align:center;font-size:1.125rem;
font-weight:600;letter-spacing:.01em}
header:empty{padding-top:2.5rem}
main{padding:0 1.5rem 2.5rem;text-align:center}
svg{display:block;width:4.5rem;height:4.5rem;margin:-2.25rem auto 1.25rem;padding:.875rem;
border:4px solid var(--card);border-radius:50%;background:var(--brand);color:var(--on);fill:none;
stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
h1{margin:0 0 1rem;font-size:1.625rem;line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
p{margin:0 0 1rem;text-wrap:balance}
dl{margin:0 0 1.25rem;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.75rem}
dt{font-size:.875rem;color:var(--soft)}
dd{margin:0;font-size:1.1875rem;font-weight:600}
form{margin:1.75rem 0 0}
form p{margin:0 0 .625rem;color:var(--soft)}
form+p{margin:1rem 0 0;font-size:.9375rem;color:var(--soft)}
button{width:100%;min-height:3.25rem;padding:.625rem 1.25rem;border:2px solid var(--accent);border-radius:.75rem;
background:var(--brand);color:var(--on);font:inherit;font-weight:600;cursor:pointer}
button.quiet{background:none;color:var(--accent)}
button:hover{text-decoration:underline;text-underline-offset:.2em}
button:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
@media(min-width:34rem){body{display:grid;place-items:center;padding:2rem;background:var(--paper)}
.card{width:100%;max-width:29rem;background:var(--card);border-radius:1.25rem;overflow:hidden;
box-shadow:0 1px 2px #0002,0 12px 40px #0000001f}
main{padding:0 2.5rem 2.5rem}}
@media(prefers-reduced-motion:no-preference){button{transition:transform .1s}button:active{transform:scale(.985)}}
@media(forced-colors:active){header{border-bottom:1px solid}.card{border:1px solid}svg{border-color:CanvasText}}
@media print{body{display:block;background:none;color:#000}.card{box-shadow:none}header{background:none;color:#000;
border-bottom:1px solid}svg,form,form+p{display:none}main{padding-top:1.5rem}}`;
