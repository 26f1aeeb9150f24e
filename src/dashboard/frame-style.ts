/**
 * The style of badges and notes over an email, whose own style sheets know nothing of them: every property is
 * `!important`, and `:not(#_#_#_)` counts as three ids, so that hardly any rule of an email's is stronger.
 */
import { LINK_MARK } from "../decorate/marked.ts";

/** From nobody to the most; text on each has a contrast of at least 4.5. */
const HEAT: readonly (readonly [background: string, text: string])[] = [
  ["#e7e5e2", "#4a4541"],
  ["#fdeac4", "#4a2c05"],
  ["#fbc76b", "#3d2300"],
  ["#f08c3a", "#2b1400"],
  ["#bf3f10", "#ffffff"],
  ["#8c1220", "#ffffff"],
];

/** The step of `HEAT` for so many of the most: 0 is for nobody only. */
export function heatOf(people: number, most: number): number {
  return people === 0 ? 0 : Math.max(1, Math.ceil((people / most) * (HEAT.length - 1)));
}

const OURS = ":not(#_#_#_)";

const BADGE = `all:initial;position:absolute;z-index:2147483000;margin:-14px 0 0 -8px;padding:0 6px;
border:1px solid #fff;border-radius:9px;outline:1px solid #000a;font:600 11px/16px system-ui,sans-serif;
white-space:nowrap;pointer-events:none;direction:ltr;font-variant-numeric:tabular-nums;opacity:1;visibility:visible`;

const NOTE = `all:initial;display:none;position:fixed;z-index:2147483001;inset:auto 12px 12px;max-width:34rem;
margin:0 auto;padding:12px 14px;background:#fff;color:#211c19;border:1px solid #8f857c;border-radius:8px;
box-shadow:0 4px 18px #0005;font:14px/1.45 system-ui,sans-serif`;

const rules: readonly (readonly [selector: string, declarations: string])[] = [
  // For badges of the first line.
  [`:root${OURS}`, "padding-top:14px"],
  [`.waxseal-badge${OURS}`, BADGE],
  ...HEAT.map(
    ([background, text], heat) => [`.waxseal-heat-${heat}${OURS}`, `background:${background};color:${text}`] as const,
  ),
  [`.waxseal-spot${OURS}`, "all:unset;position:absolute;cursor:pointer"],
  [`.waxseal-note${OURS}`, NOTE],
  [`.waxseal-note${OURS}:target`, "display:block"],
  [`.waxseal-note${OURS} span`, "all:initial;display:block;font:inherit;color:inherit;overflow-wrap:anywhere"],
  [`.waxseal-note${OURS} .waxseal-name`, "font-weight:600"],
  [`.waxseal-note${OURS} .waxseal-url`, "color:#635a53;font-size:12px;max-height:5.8em;overflow:auto"],
  [
    `.waxseal-close${OURS}`,
    `all:initial;display:inline-block;padding:8px 0;font:14px/1.4 system-ui,sans-serif;color:#1d5fbf;
text-decoration:underline;cursor:pointer`,
  ],
  [`a[href^="#waxseal-"]${OURS}`, "cursor:pointer;scroll-margin:90px"],
  [`a[href^="#waxseal-"]${OURS}:focus-visible`, "outline:3px solid #1d5fbf;outline-offset:2px"],
  [`[id^="${LINK_MARK.slice(1)}"]${OURS}:target`, "outline:3px solid #1d5fbf;outline-offset:2px"],
  [`img:not([src])${OURS}`, "background:#ebe8e4;color:#635a53;outline:1px dashed #b6aca4;outline-offset:-1px"],
  [
    `ul[data-waxseal="unseen"]${OURS}`,
    "all:initial;display:block;padding:16px;background:#fff;color:#211c19;font:14px/2.2 system-ui,sans-serif",
  ],
  [`ul[data-waxseal="unseen"]${OURS} > *`, "all:initial;display:block;font:inherit;color:inherit"],
  [
    `ul[data-waxseal="unseen"]${OURS} a`,
    `all:unset;display:inline-block;padding:6px 0 0 8px;color:#1d5fbf;
text-decoration:underline;cursor:pointer`,
  ],
];

/** @param links whose notes are shown, too, while they are led to */
export function frameStyle(links: readonly { readonly id: string }[]): string {
  const shown = links.map(
    ({ id }) =>
      [`:root:has([id="waxseal-link-${id}"]:target) [id="waxseal-note-${id}"]${OURS}`, "display:block"] as const,
  );
  return [...rules, ...shown].map(([selector, declarations]) => `${selector}{${important(declarations)}}`).join("\n");
}

function important(declarations: string): string {
  return declarations
    .split(";")
    .map((declaration) => `${declaration.trim()}!important`)
    .join(";");
}
