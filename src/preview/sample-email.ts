/**
 * The newsletter of the preview and of the demo, with links of every kind that emails have. Its picture is part of
 * it: only the pixel is loaded.
 */

const FIELD = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 600 240'><defs><linearGradient id='s' x1='0'
x2='0' y1='0' y2='1'><stop stop-color='#f7d9c4'/><stop offset='1'
stop-color='#d9c6ea'/></linearGradient></defs><path fill='url(#s)' d='M0 0h600v240H0z'/><circle cx='452' cy='92'
r='34' fill='#fff3e2'/><path fill='#b6a3d6' d='M0 128q150-52 300-18t300-22v152H0z'/><path fill='#8f78bd'
d='M0 152q170-38 320-12t280-6v106H0z'/><path fill='#6b4fa0' d='M0 178q300-34 600 0v62H0z'/><path stroke='#f3edf9'
stroke-opacity='.35' stroke-width='3' fill='none' d='M282 166 96 240m196-75-96 75m105-76-2 76m12-76 92 76m-82-75 186
75M273 166 0 226m326-60 274 58'/><path fill='#fbf8fd' d='M112 118h44v32h-44z'/><path fill='#c4705a'
d='m106 120 28-20 28 20z'/><path fill='#6b4fa0' d='M128 134h12v16h-12z'/></svg>`;

const HEAD = `<!DOCTYPE html>
<html lang="en" xmlns:v="urn:schemas-microsoft-com:vml">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The last harvest is in</title>
<style>
@media (max-width: 599px) { .half { display: block !important; width: 100% !important } .in { padding-left: 24px
!important; padding-right: 24px !important } }
@media (prefers-color-scheme: dark) { .out { background: #17131d !important } .in, .sheet { background: #221c2b
!important; color: #ece5f4 !important } h1, h2, .name { color: #d8c5f2 !important } .in p a { color: #cdb6ee
!important } .soft { color: #b3a6c2 !important } }
</style>
</head>
`;

const OPENING = `<body class="out" style="margin:0;padding:0;background:#f3eef8">
<div style="display:none;max-height:0;overflow:hidden">Three weeks of sun, and 412 kilos of flowers.</div>
<table role="presentation" class="out" width="100%" cellpadding="0" cellspacing="0"
style="background:#f3eef8"><tr><td align="center" style="padding:20px 10px 36px">
<p class="soft" style="margin:0 0 14px;font:13px/1.5 Helvetica,Arial,sans-serif;color:#6f647c"><a
href="https://example.com/letters/november?utm_source=news&amp;utm_medium=email" class="soft"
style="color:#6f647c">Read it in your browser</a></p>
<table role="presentation" class="sheet" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;
background:#ffffff;border-radius:14px;overflow:hidden">
<tr><td align="center" class="in" style="padding:28px 40px 24px"><a href="https://example.com/" class="name"
style="font:26px/1.2 Georgia,'Times New Roman',serif;letter-spacing:.04em;color:#4b3577;
text-decoration:none">Maison Lavande</a></td></tr>
`;

const picture = () => `<tr><td align="center" style="background:#d9c6ea;font:15px/1.5 Georgia,serif;color:#4b3577">
<img src="data:image/svg+xml,${encodeURIComponent(FIELD)}" usemap="#field" width="600" height="240"
alt="The field behind the house, in the evening" style="display:block;width:100%;height:auto;border:0">
<map name="field"><area shape="rect" coords="100,96,168,154" href="https://example.com/house" alt="The house"><area
shape="circle" coords="452,92,40" href="https://example.com/calendar#sunset"
alt="When to come for the sunset"></map></td></tr>
`;

const LETTER = `\
<tr><td class="in" style="padding:34px 48px 8px;font:16px/1.65 Georgia,'Times New Roman',serif;color:#3a3145">
<h1 style="margin:0 0 14px;font:normal 30px/1.2 Georgia,'Times New Roman',serif;color:#4b3577">The
last harvest is in</h1>
<p style="margin:0 0 16px">Three weeks of sun after a wet spring: the bees came late, and stayed long. On Sunday we
cut the last row. It made 412 kilos of flowers, and they made eleven litres of oil.</p>
<p style="margin:0 0 26px">The first bottles are for those who read our letters. That is you.</p>
<!--[if mso]><v:roundrect href="https://example.com/shop/november" style="height:50px;v-text-anchor:middle;
width:230px" arcsize="50%" stroke="f" fillcolor="#6b4fa0"><center style="color:#ffffff;font-family:Arial,sans-serif;
font-size:16px">Set a bottle aside</center></v:roundrect><![endif]-->
<!--[if !mso]><!--><a href="https://example.com/shop/november" style="display:inline-block;padding:14px 34px;
border-radius:25px;background:#6b4fa0;color:#ffffff;font:bold 16px/22px
Helvetica,Arial,sans-serif;text-decoration:none">Set a bottle aside</a><!--<![endif]-->
</td></tr>
`;

const OFFERS = `<tr><td class="in" style="padding:30px 40px 6px;color:#3a3145"><table role="presentation" width="100%"
cellpadding="0" cellspacing="0"><tr>
<td class="half" width="50%" valign="top" style="padding:8px;font:15px/1.55 Georgia,serif"><h2
style="margin:0 0 6px;font:normal 20px/1.3 Georgia,serif;color:#4b3577">Soap, cured since May</h2><p
style="margin:0 0 8px">Olive oil, lye, flowers. Nothing that we could not eat.</p><p style="margin:0"><a
href="https://example.com/shop/savon-à-la-lavande?coffret=noël&amp;pièces=3" style="color:#6b4fa0">A box of
three</a></p></td>
<td class="half" width="50%" valign="top" style="padding:8px;font:15px/1.55 Georgia,serif"><h2
style="margin:0 0 6px;font:normal 20px/1.3 Georgia,serif;color:#4b3577">Honey biscuits</h2><p
style="margin:0 0 8px">The recipe of the house, and the song that goes with the dough.</p><p style="margin:0"><a
href="https://example.com/kitchen/biscuits#dough" style="color:#6b4fa0">The recipe</a> · <a
href='https://example.com/listen?url=https://example.org/songs/7?full=1' style="color:#6b4fa0">The song</a></p></td>
</tr></table></td></tr>
`;

const CLOSING = `<tr><td class="in" style="padding:22px 48px 36px;font:16px/1.65 Georgia,serif;color:#3a3145"><p
style="margin:0">Write to us: <a href="mailto:letters@example.com?subject=The%20harvest"
style="color:#6b4fa0">letters@example.com</a>. Every letter is read, most of them aloud.</p><p
style="margin:14px 0 0">Odile &amp; Basile</p></td></tr>
</table>
<p class="soft" style="max-width:520px;margin:22px auto 0;font:13px/1.6 Helvetica,Arial,sans-serif;
color:#6f647c">You get this letter once a month because you asked for it.<br><a data-no-track
href="https://example.com/privacy" class="soft" style="color:#6f647c">What we keep of you</a> · <a
href="{{unsubscribe}}" class="soft" style="color:#6f647c">Unsubscribe</a></p>
</td></tr></table>
</body>
</html>
`;

const html = () => HEAD + OPENING + picture() + LETTER + OFFERS + CLOSING;

const text = `MAISON LAVANDE
The last harvest is in

Three weeks of sun after a wet spring: the bees came late, and stayed long.
On Sunday we cut the last row. It made 412 kilos of flowers, and they made
eleven litres of oil. The first bottles are for those who read our letters.
That is you.

Set a bottle aside: https://example.com/shop/november

Soap, cured since May. A box of three:
https://example.com/shop/savon-à-la-lavande?coffret=noël&pièces=3

Honey biscuits (https://example.com/kitchen/biscuits#dough), and the song:
https://example.com/listen?url=https://example.org/songs/7?full=1

Write to us: letters@example.com. Every letter is read, most of them aloud.

Odile & Basile
https://example.com/

Unsubscribe: {{unsubscribe}}
`;

export const sampleEmail: { readonly html: string; readonly text: string } = {
  // Marked as pure, so that the bundle of a deploy leaves it out with the preview.
  html: /* @__PURE__ */ html(),
  text,
};
