/** The preview page, for developers: a mail client with the sample email, and the log beside it. Needs its script. */
import { documentOf, type Page } from "../web/document.ts";
import { type Markup, markup } from "../web/markup.ts";
import type { Reader } from "./reader.ts";
import { PREVIEW_SCRIPT } from "./script.ts";
import { PREVIEW_STYLE } from "./style.ts";

export interface Preview {
  readonly reader: Reader;
  /** The developer's, for the command that decorates an email of theirs. */
  readonly apiKey: string;
  /** The path of the address in the email's List-Unsubscribe. */
  readonly unsubscribePath: string;
}

export function previewPage({ reader, apiKey, unsubscribePath }: Preview): Page {
  return documentOf({
    language: "en",
    title: "Waxseal: preview",
    color: "#7a1f2b",
    style: PREVIEW_STYLE,
    script: PREVIEW_SCRIPT,
    policy: { "connect-src": "'self'", "frame-src": "'self'", "form-action": "'none'" },
    body: markup`
<header class="top">
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="11"/><path d="M7 9h10v7H7zm0 .5 5 4 5-4"/>
  </svg>
  <b>Waxseal</b> <span>preview</span> <a href="/app">Dashboard</a>
</header>
<main id="preview" data-person="${reader.person}" data-unsubscribe="${unsubscribePath}">
  <h1>What becomes of an email</h1>
  <p class="lede">This one is decorated for ${reader.name}, an invented reader. Open it, click, unsubscribe: each time,
    an event appears in the log. <a href="/">Another reader</a> starts anew.</p>
  <noscript><p class="lede">This page needs JavaScript; the pages that recipients see do not.</p></noscript>
  <div class="two">${mail(reader)}${log()}</div>
  <div class="two">${ownMail(apiKey)}${next()}</div>
  <a id="last" href="#log">The log</a>
</main>`,
  });
}

function mail({ name, address }: Reader): Markup {
  return markup`
<section class="mail" aria-labelledby="subject">
  <div class="head">
    <div>
      <h2 id="subject">The last harvest is in</h2>
      <p><b>Maison Lavande</b> &lt;letters@example.com&gt;</p>
      <p>to ${name} &lt;${address}&gt;</p>
    </div>
    <button id="one-click" type="button" class="quiet">Unsubscribe</button>
    <p id="one-click-said" role="status"></p>
  </div>
  <div class="bar">
    <span id="images-said" role="status">Images are not shown.</span>
    <button id="images" type="button">Show images</button>
  </div>
  <iframe id="email" title="The sample email" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>
</section>`;
}

/** Each number counts this reader's events of a type. */
function log(): Markup {
  return markup`
<section class="log" id="log" aria-labelledby="log-title">
  <div class="head"><h2 id="log-title">The log</h2> <span id="state" role="status">connecting</span></div>
  <ul class="try">
    <li><span data-type="10">0</span>
      <p><b>Show the images.</b> The pixel is loaded: Opened, once, however often.</p></li>
    <li><span data-type="11">0</span>
      <p><b>Click links.</b> Clicked, every time.</p></li>
    <li><span data-type="9">0</span>
      <p><b>Unsubscribe,</b> at the email’s foot or by the mail client’s button: Unsubscribed, once.</p></li>
    <li><span data-type="100001">0</span>
      <p><b>Come back</b> from the page that you land on.</p></li>
  </ul>
  <p id="empty">Nothing yet.</p>
  <div role="log" aria-label="Events, newest first" tabindex="0"><ol id="events"></ol></div>
  <template id="event">
    <li><b></b> <time></time> <p><code></code> <span></span></p> <small></small></li>
  </template>
</section>`;
}

function ownMail(apiKey: string): Markup {
  return markup`
<section class="words" aria-labelledby="own">
  <h2 id="own">An email of your own</h2>
  <p>By the API, with the key of this machine:</p>
  <pre id="curl">curl <span class="origin"></span>/v1/decorate \\
  -H "Authorization: Bearer ${apiKey}" \\
  -H "Content-Type: application/json" -d '{
    "email": {"id": 1},
    "person": {"id": 7, "address": "you@example.com"},
    "campaign": {"id": 1},
    "html": "&lt;p&gt;Hello &lt;a href=\\"https://example.com/\\"&gt;there&lt;/a&gt;. {{unsubscribe}}&lt;/p&gt;"
  }'</pre>
  <p><button id="copy" type="button" hidden>Copy</button></p>
  <p>A whole message from a file, by the command:</p>
  <pre>npx waxseal decorate mail.eml --email 1 --person 7 --campaign 1 \\
  --origin <span class="origin"></span> --out decorated.eml</pre>
  <p>Open the result in a browser: what you do there appears in this log, too.</p>
</section>`;
}

function next(): Markup {
  return markup`
<section class="words" aria-labelledby="next">
  <h2 id="next">Where to go next</h2>
  <ul>
    <li><code>npm run demo -- mail.eml</code> plays an email’s whole life in the terminal.</li>
    <li>docs/send.md: sending in bulk with the library. docs/deploy.md: deploying.</li>
    <li><a href="/healthz">/healthz</a> says whether this Worker reaches its log.</li>
  </ul>
  <p>This page is not there in production.</p>
</section>`;
}
