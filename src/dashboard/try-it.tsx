/**
 * "Try it", on a developer's machine: a mail client with a sample email, or one of theirs, for an invented reader, and
 * beside it what the log says of them. Every form works without a script; with it, events appear as they come.
 */
import type { Child } from "hono/jsx";
import type { Schemas } from "../client/index.ts";
import { newReaderId, OWN_EMAIL, type Reader, readerOf, SAMPLE_CAMPAIGN, SAMPLE_EMAIL } from "../preview/index.ts";
import { EmptyState, Section } from "../web/components/content.tsx";
import { CheckField, TextField } from "../web/components/form.tsx";
import { LiveRegion } from "../web/components/live-region.tsx";
import { EventItem, type TimelineEntry } from "./event-item.tsx";
import { liveAddress } from "./live.ts";
import { MessageTable } from "./messages.tsx";
import type { DashboardPage } from "./page.ts";
import { OwnMailHelp } from "./try-it-help.tsx";
import { answered, type Visit } from "./visit.ts";

const FRAME = "email";
const EMAIL_PATH = "/preview/email";
const OUTCOME_FRAME = "outcome";
const UNSUBSCRIBE_PATH = "/preview/unsubscribe";
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
  readonly reader: Reader;
  /** As this request knows it; the script corrects it. */
  readonly origin: string;
}

/** With the sample email, or with the one that is pasted there: the heading says which one the frame shows. */
function MailClient({ visit, reader }: { readonly visit: Visit; readonly reader: Reader }) {
  const props = { reader, origin: visit.url.origin };
  return visit.url.searchParams.get("email") === "own" ? <OwnEmail {...props} /> : <SampleEmail {...props} />;
}

function SampleEmail({ reader, origin }: MailClientProps) {
  const { person } = reader;
  return (
    <Section
      title={SAMPLE_EMAIL.name}
      note={<>Maison Lavande &lt;letters@example.com&gt; to {whoReads(reader)}</>}
      tools={
        <>
          <EmailForm method="get" person={person} origin={origin}>
            <input type="hidden" name="images" value="1" />
            <button type="submit">Show images</button>
          </EmailForm>
          <EmailForm method="post" person={person} origin={origin} action={UNSUBSCRIBE_PATH} target={OUTCOME_FRAME}>
            <button type="submit" class="quiet">
              Unsubscribe
            </button>
          </EmailForm>
        </>
      }
    >
      <OutcomeFrame />
      <p>
        <a href={`/app/try?reader=${person}&email=own`}>Paste an email of your own</a>
      </p>
      <EmailFrame origin={origin} src={`${EMAIL_PATH}?${new URLSearchParams({ person, origin })}`} />
    </Section>
  );
}

function OwnEmail({ reader, origin }: MailClientProps) {
  const { person } = reader;
  return (
    <Section
      title={OWN_EMAIL.name}
      note={<>To {whoReads(reader)}</>}
      tools={<a href={`/app/try?reader=${person}`}>The sample email</a>}
    >
      <EmailForm method="post" person={person} origin={origin} kind="own-email">
        <TextField
          label="Its HTML"
          name="html"
          rows={6}
          hint="{{unsubscribe}} becomes the unsubscribe link. It is decorated here, and sent to nobody."
          isRequired
        />
        <CheckField label="Show images" name="images" value="1" isChecked />
        <button type="submit">Show it</button>
        <button type="submit" class="quiet" formaction={UNSUBSCRIBE_PATH} formtarget={OUTCOME_FRAME}>
          Unsubscribe
        </button>
      </EmailForm>
      <OutcomeFrame />
      <EmailFrame origin={origin} />
    </Section>
  );
}

function whoReads({ name, address }: Reader) {
  return (
    <>
      {name} &lt;<span class="address">{address}</span>&gt;
    </>
  );
}

/** Says what came of unsubscribing. The email stays: a page that was loaded again would lose the paste. */
function OutcomeFrame() {
  return (
    <iframe
      name={OUTCOME_FRAME}
      class="outcome"
      src={UNSUBSCRIBE_PATH}
      title="What came of unsubscribing"
      tabindex={-1}
    />
  );
}

/** Empty without `src`. */
function EmailFrame({ origin, src }: { readonly origin: string; readonly src?: string }) {
  return (
    <figure class="email-frame">
      <iframe
        name={FRAME}
        src={src}
        title="The email"
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        data-origin={src === undefined ? undefined : origin}
      />
    </figure>
  );
}

interface EmailFormProps {
  readonly method: "get" | "post";
  readonly person: string;
  readonly origin: string;
  readonly children: Child;
  /** Default: the one that shows an email */
  readonly action?: string;
  /** The frame of its answer. Default: the email's */
  readonly target?: string;
  readonly kind?: "action" | "own-email";
}

function EmailForm(props: EmailFormProps) {
  const { method, person, origin, children, action = EMAIL_PATH, target = FRAME, kind = "action" } = props;
  return (
    <form class={kind} method={method} action={action} target={target}>
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
