/** The style of the preview: two columns; on a phone one, with the last event at the foot of the screen. */
export const PREVIEW_STYLE = `
:root{color-scheme:light dark;--wax:#7a1f2b;--accent:#7a1f2b;--paper:#f3f0ec;--card:#fff;--ink:#211c19;
--soft:#635a53;--line:#e0d9d1;--code:#f8f5f2;--opened:#2e7d4f;--clicked:#2f62b8;--left:#b3261e;--back:#7a4fb5}
@media(prefers-color-scheme:dark){:root{--accent:#f0a3ab;--paper:#141210;--card:#211e1c;--ink:#f4efeb;
--soft:#b9afa7;--line:#3d3733;--code:#191614;--opened:#6cc792;--clicked:#8db4f2;--left:#f2918a;--back:#c7a6f2}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
.top{display:flex;align-items:center;gap:.625rem;padding:1rem 1.25rem;max-width:84rem;margin:auto}
.top svg{width:2rem;fill:var(--wax);stroke:#fff;stroke-width:1.4;stroke-linejoin:round}
.top circle{stroke:none}
.top path{fill:none}
.top b{font:600 1.25rem/1 Georgia,serif}
main{max-width:84rem;margin:auto;padding:.5rem 1.25rem 4rem}
h1{margin:.25rem 0 .5rem;font:normal 2.25rem/1.15 Georgia,serif;text-wrap:balance}
h2{margin:0 0 .125rem;font-size:1.125rem;line-height:1.35}
p{margin:0}
.lede{max-width:44rem}
.top span,.lede,.head p,#state,#empty,.try span,ol time,small{color:var(--soft)}
a{color:var(--accent)}
.two{display:grid;gap:1.25rem;margin-top:1.5rem}
section{min-width:0;background:var(--card);border:1px solid var(--line);border-radius:1rem;overflow:hidden}
.head,.bar{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem;
padding:.75rem 1.25rem}
.head b{color:var(--ink)}
#one-click-said,ol p,small{flex-basis:100%}
#one-click-said:empty{margin-top:-.5rem}
.bar,.try{border-block:1px solid var(--line);background:var(--code)}
iframe{display:block;width:100%;height:44rem;border:0;background:#f3eef8}
button{min-height:2.75rem;padding:.375rem 1.125rem;border:2px solid var(--accent);border-radius:.625rem;
background:var(--wax);color:#fff;font:inherit;font-weight:600;cursor:pointer}
button.quiet{background:none;color:var(--accent)}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
.log{display:flex;flex-direction:column}
.try,ol{list-style:none;margin:0;padding:0}
.try{padding:.75rem 1.25rem}
.try li{display:flex;gap:.75rem;padding:.25rem 0}
.try span{flex:none;min-width:1.625rem;height:1.625rem;padding:0 .375rem;border:1px solid var(--soft);
border-radius:1rem;text-align:center;line-height:1.5rem}
.try .seen{border-color:var(--wax);background:var(--wax);color:#fff}
#empty{padding:1.25rem}
ol li{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:baseline;padding:.75rem 1.25rem;
border-bottom:1px solid var(--line);border-left:4px solid var(--soft)}
ol li[data-type="10"]{border-left-color:var(--opened)}
ol li[data-type="11"]{border-left-color:var(--clicked)}
ol li[data-type="9"]{border-left-color:var(--left)}
ol li[data-type="100001"]{border-left-color:var(--back)}
ol time{margin-left:auto}
.head p,#state,ol time,small{font-size:.875rem}
code,pre{padding:.0625rem .3125rem;border:1px solid var(--line);border-radius:.3125rem;background:var(--code);
font:.875rem/1.5 ui-monospace,monospace;white-space:pre-wrap}
pre{margin:0;padding:.75rem 1rem}
.words{padding:1.25rem}
.words>*+*{margin-top:.625rem}
.words ul{padding-left:1.125rem}
#last{position:fixed;inset:auto 0 0;padding:.75rem 1.25rem;background:var(--wax);color:#fff;white-space:nowrap;
overflow:hidden;text-overflow:ellipsis}
@media(min-width:60rem){#last{display:none}
.two{grid-template-columns:minmax(0,1.45fr) minmax(0,1fr)}
.log{height:0;min-height:100%}
[role=log]{flex:1;overflow-y:auto;outline-offset:-3px}}
@media(prefers-reduced-motion:no-preference){ol li{animation:come .4s ease-out}@keyframes come{from{
background:var(--line)}}}
@media(forced-colors:active){.top svg{stroke:CanvasText;fill:Canvas}}
`;
