/** How the first look looks: two columns, on a phone one, with the last event at the foot of the screen. */
export const LOOK_STYLE = `
:root{color-scheme:light dark;--wax:#7a1f2b;--accent:#7a1f2b;--paper:#f3f0ec;--card:#fff;--ink:#211c19;--soft:#635a53;--line:#e0d9d1;--code:#f8f5f2;--opened:#2e7d4f;--clicked:#2f62b8;--left:#b3261e;--back:#7a4fb5}
@media(prefers-color-scheme:dark){:root{--accent:#f0a3ab;--paper:#141210;--card:#211e1c;--ink:#f4efeb;--soft:#b9afa7;--line:#3d3733;--code:#191614;--opened:#6cc792;--clicked:#8db4f2;--left:#f2918a;--back:#c7a6f2}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
.top{display:flex;align-items:center;gap:.625rem;padding:1rem 1.25rem;max-width:84rem;margin:auto}
.top svg{width:2rem;fill:var(--wax);stroke:#fff;stroke-width:1.4;stroke-linejoin:round}
.top circle{stroke:none}
.top path{fill:none}
.top b{font:600 1.25rem/1 Georgia,serif}
.top span,.soft{color:var(--soft)}
main{max-width:84rem;margin:auto;padding:.5rem 1.25rem 4rem}
h1{margin:.25rem 0 .5rem;font:normal 2.25rem/1.15 Georgia,"Times New Roman",serif;letter-spacing:-.01em;text-wrap:balance}
h2{margin:0 0 .125rem;font-size:1.125rem;line-height:1.35}
p{margin:0}
.lede{max-width:44rem;font-size:1.0625rem;color:var(--soft)}
a{color:var(--accent)}
.two{display:grid;gap:1.25rem;margin-top:1.5rem}
section{min-width:0;background:var(--card);border:1px solid var(--line);border-radius:1rem;overflow:hidden}
.head{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:.5rem 1rem;padding:1rem 1.25rem}
.head p{font-size:.9375rem;color:var(--soft)}
.head b{color:var(--ink)}
#one-click-said:empty{margin-top:-.5rem}
#one-click-said{flex-basis:100%}
.bar{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem;padding:.625rem 1.25rem;border-block:1px solid var(--line);background:var(--code)}
iframe{display:block;width:100%;height:44rem;border:0;background:#f3eef8}
button{min-height:2.75rem;padding:.375rem 1.125rem;border:2px solid var(--accent);border-radius:.625rem;background:var(--wax);color:#fff;font:inherit;font-weight:600;cursor:pointer}
button.quiet{background:none;color:var(--accent)}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
.log{display:flex;flex-direction:column}
.log .head{border-bottom:1px solid var(--line)}
#state{font-size:.875rem;color:var(--soft)}
.try{list-style:none;margin:0;padding:.75rem 1.25rem;border-bottom:1px solid var(--line);background:var(--code);font-size:.9375rem}
.try li{display:flex;gap:.75rem;padding:.25rem 0}
.try span{flex:none;min-width:1.625rem;height:1.625rem;padding:0 .375rem;border:1px solid var(--soft);border-radius:1rem;text-align:center;font:600 .8125rem/1.5rem system-ui,sans-serif;color:var(--soft)}
.try .seen{border-color:var(--wax);background:var(--wax);color:#fff}
#empty{padding:1.25rem;color:var(--soft)}
ol{list-style:none;margin:0;padding:0}
ol li{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:baseline;padding:.75rem 1.25rem;border-bottom:1px solid var(--line);border-left:4px solid var(--soft)}
ol li[data-type="10"]{border-left-color:var(--opened)}
ol li[data-type="11"]{border-left-color:var(--clicked)}
ol li[data-type="9"]{border-left-color:var(--left)}
ol li[data-type="100001"]{border-left-color:var(--back)}
ol time{margin-left:auto;font-variant-numeric:tabular-nums}
ol time,small{font-size:.875rem;color:var(--soft)}
ol p,small{flex-basis:100%}
code,pre{font:.875rem/1.5 ui-monospace,SFMono-Regular,Consolas,monospace}
code{padding:.0625rem .3125rem;border-radius:.3125rem;background:var(--code);border:1px solid var(--line)}
section[aria-labelledby=own],section[aria-labelledby=next]{padding:1.25rem}
section[aria-labelledby=own]>*+*,section[aria-labelledby=next]>*+*{margin-top:.625rem}
pre{margin:0;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.625rem;background:var(--code);white-space:pre-wrap}
section>ul:not(.try){margin-bottom:0;padding-left:1.125rem}
section>ul:not(.try) li{margin-bottom:.5rem}
#last{position:fixed;inset:auto 0 0;padding:.75rem 1.25rem;background:var(--wax);color:#fff;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
@media(min-width:60rem){#last{display:none}
.two{grid-template-columns:minmax(0,1.45fr) minmax(0,1fr)}
.log{height:0;min-height:100%}
[role=log]{flex:1;overflow-y:auto;outline-offset:-3px}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}ol li{animation:come .4s ease-out}@keyframes come{from{background:var(--line)}}}
@media(forced-colors:active){.try .seen{border-width:2px}.top svg{stroke:CanvasText;fill:Canvas}}
`;
