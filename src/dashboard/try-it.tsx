/**
 * "Try it", on a developer's machine: a mail client with a sample email, or one of theirs, for an invented reader, and
 * beside it what the log says of them. Every form works without a script; with it, events appear as they come.
 */
import type { Child } from "hono/jsx";
import type { Schemas } from "../client/index.ts";
import { newReaderId, OWN_EMAIL, type Reader, readerOf, SAMPLE_CAMPAIGN, SAMPLE_EMAIL } from "../preview/index.ts";
import { EmptyState, Notice, Section } from "../web/components/content.tsx";
import { ActionForm, CheckField, TextField } from "../web/components/form.tsx";
import { LiveRegion } from "../web/components/live-region.tsx";
import { EventItem, type TimelineEntry } from "./event-item.tsx";
import { liveAddress } from "./live.ts";
import { MessageTable } from "./messages.tsx";
import type { DashboardPage, PageAction } from "./page.ts";
import { OwnMailHelp } from "./try-it-help.tsx";
import { answered, type Visit } from "./visit.ts";

const FRAME = "email";
const EMAIL_PATH = "/preview/email";
const LATEST_MESSAGES = 5;

export const tryIt: DashboardPage = {
  path: "/try",
  // It shows the machine's key.
  scope: "admin",
  show: async (visit) => {
    const reader = readerIn(visit);
    if (reader === undefined) return `/try?reader=${newReaderId()}`;
    const follow = `${await liveAddress(visit)}&held=1`;
    const query = { limit: LATEST_MESSAGES };
    const [entries, latest] = await Promise.all([
      entriesOf(visit, reader),
      answered(visit.api.GET("/v1/messages", { params: { query } })),
    ]);
    return {
      title: "Try it",
      lede: `What becomes of an email: this one is for ${reader.name}, an invented reader.`,
      tools: <a href="/app/try">Another reader</a>,
      body: (
        <>
          {visit.url.searchParams.get("done") === "unsubscribed" ? (
            <Notice kind="done">The mail client has unsubscribed {reader.name}, by one click (RFC 8058).</Notice>
          ) : null}
          <div class="try">
            <MailClient visit={visit} reader={reader} />
            <LiveRegion id="log" follow={follow} pauseSeconds={0.5}>
              <Log visit={visit} entries={entries} />
            </LiveRegion>
          </div>
          <Latest visit={visit} messages={latest.data} />
          <OwnMailHelp apiKey={visit.developersKey ?? ""} origin={visit.url.origin} />
          <LastEvent latest={entries[0]} />
        </>
      ),
    };
  },
  actions: { unsubscribe: (visit, fields) => unsubscribe(visit, fields) },
};

function readerIn({ url }: Visit): Reader | undefined {
  return readerOf(url.searchParams.get("reader") ?? "");
}

/** What happened to both emails of the reader, the latest first. */
async function entriesOf({ api }: Visit, { person }: Reader): Promise<readonly TimelineEntry[]> {
  const campaign = SAMPLE_CAMPAIGN.id;
  const timelines = await Promise.all(
    [SAMPLE_EMAIL, OWN_EMAIL].map(async ({ id: email }) => {
      const timeline = api.GET("/v1/messages/{email}/{campaign}/{person}", {
        params: { path: { email, campaign, person } },
      });
      const { response } = await timeline;
      return response.status === 404 ? [] : (await answered(timeline)).data;
    }),
  );
  return timelines.flat().toSorted((one, other) => other.event.seq - one.event.seq);
}

/** Always in sight at the foot of a phone's screen, on which the log is below the email. */
function LastEvent({ latest }: { readonly latest: TimelineEntry | undefined }) {
  return (
    <div id="last-event" data-live-region>
      <a href="#log">The log: {latest?.summary ?? "nothing yet"}</a>
    </div>
  );
}

interface MailClientProps {
  readonly visit: Visit;
  readonly reader: Reader;
}

function MailClient({ visit, reader: { name, address, person } }: MailClientProps) {
  const { origin } = visit.url;
  const sample = `${EMAIL_PATH}?${new URLSearchParams({ person, origin })}`;
  return (
    <Section
      title={SAMPLE_EMAIL.name}
      note={
        <>
          Maison Lavande &lt;letters@example.com&gt; to {name} &lt;<span class="address">{address}</span>&gt;
        </>
      }
      tools={
        <>
          <EmailForm method="get" person={person} origin={origin}>
            <input type="hidden" name="images" value="1" />
            <button type="submit">Show images</button>
          </EmailForm>
          <ActionForm action="unsubscribe" button="Unsubscribe" kind="quiet" />
        </>
      }
    >
      <details class="own-email" id="own-email">
        <summary>Paste an email of your own</summary>
        <EmailForm method="post" person={person} origin={origin}>
          <TextField
            label="Its HTML"
            name="html"
            rows={6}
            hint="{{unsubscribe}} becomes the unsubscribe link. It is decorated here, and sent to nobody."
            isRequired
          />
          <CheckField label="Show images" name="images" value="1" isChecked />
          <button type="submit">Show it</button>
        </EmailForm>
      </details>
      <figure class="email-frame">
        <iframe
          name={FRAME}
          src={sample}
          title="The email"
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          data-origin={origin}
        />
      </figure>
    </Section>
  );
}

interface EmailFormProps {
  readonly method: "get" | "post";
  readonly person: string;
  readonly origin: string;
  readonly children: Child;
}

/** Its answer is the email in the frame. */
function EmailForm({ method, person, origin, children }: EmailFormProps) {
  return (
    <form class="action" method={method} action={EMAIL_PATH} target={FRAME}>
      <input type="hidden" name="person" value={person} />
      <input type="hidden" name="origin" value={origin} data-origin />
      {children}
    </form>
  );
}

/** What there is to do, and the type of event that it becomes. */
const STEPS = [
  { type: "opened", does: "Show the images", becomes: "Opened, once, however often." },
  { type: "clicked", does: "Click links in the email", becomes: "Clicked, every time." },
  { type: "unsubscribed", does: "Unsubscribe", becomes: "At its foot, or by the mail client’s button: once." },
  { type: "subscribed", does: "Come back", becomes: "From the page that unsubscribing leads to." },
] as const;

function Log({ visit, entries }: { readonly visit: Visit; readonly entries: readonly TimelineEntry[] }) {
  const counts = STEPS.map(({ type }) => entries.filter(({ event }) => event.type === type).length);
  return (
    <Section title="The log">
      <ol class="steps">
        {STEPS.map(({ does, becomes }, index) => (
          <li class={counts[index] === 0 ? undefined : "done"}>
            <span class="step-count">
              {counts[index]}
              <span class="unseen"> events</span>
            </span>
            <span>
              <b>{does}.</b> {becomes}
            </span>
          </li>
        ))}
      </ol>
      {entries.length === 0 ? (
        <EmptyState title="Nothing has happened yet" />
      ) : (
        <ol class="timeline">
          {entries.map((entry) => (
            <EventItem entry={entry} zone={visit.zone} />
          ))}
        </ol>
      )}
    </Section>
  );
}

function Latest({ visit, messages }: { readonly visit: Visit; readonly messages: readonly Schemas["Message"][] }) {
  return (
    <div id="latest" data-live-region>
      <Section
        title="Latest messages"
        note="Of all readers: what you send by the API or the command line appears here, too."
        tools={<a href="/app/messages">All messages</a>}
      >
        {messages.length === 0 ? (
          <EmptyState title="No message is in the log yet" />
        ) : (
          <MessageTable caption="Latest messages" visit={visit} messages={messages} />
        )}
      </Section>
    </div>
  );
}

/** As a mail client does it: posts to the address of the email's `List-Unsubscribe` (RFC 8058 §3.1). */
const unsubscribe: PageAction = async (visit) => {
  const reader = readerIn(visit);
  if (reader === undefined) return "/try";
  const person = { id: reader.person, address: reader.address };
  const body = {
    email: SAMPLE_EMAIL,
    campaign: SAMPLE_CAMPAIGN,
    person,
    text: SAMPLE_EMAIL.name,
    evenIfSuppressed: true,
  };
  const { headers } = await answered(visit.api.POST("/v1/decorate", { body }));
  const address = headers["List-Unsubscribe"]?.split(/[<>]/).find((part) => part.startsWith("http"));
  if (address !== undefined) await visit.sendForm(new URL(address).pathname, { "List-Unsubscribe": "One-Click" });
  return `/try?reader=${reader.person}&done=unsubscribed`;
};
