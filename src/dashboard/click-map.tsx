/**
 * The click map: the email in a frame, with a badge at each link, and beside it the same as a table. Each row leads to
 * its link in the frame; each link in the frame shows its name, its address and its numbers. The table is whole without
 * the frame.
 */
import { PROTECTION } from "../http/answers.ts";
import { sourcePolicy } from "../sending/index.ts";
import { EmptyState, Section, withParameters } from "../web/components/content.tsx";
import { DataTable } from "../web/components/table.tsx";
import { cutText } from "../web/cut-text.ts";
import { formatCount, formatShare } from "../web/format.ts";
import { emailFrame, FRAME_LINK, type FrameLink, frameLinks, type LinkCount } from "./email-frame.ts";
import { heatOf } from "./frame-style.ts";
import { mailingName } from "./mailing.ts";
import { type MailingView, mailingView, sameMessages } from "./mailing-view.ts";
import { mailingPath } from "./message-parts.tsx";
import type { DashboardPage } from "./page.ts";
import { PeriodPicker, periodPhrase } from "./period-picker.tsx";
import { BotsSwitch } from "./report-choices.tsx";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

const FRAME_NAME = "click-map";
/** What an address is cut to; all of it is in the title, and in the link's note. */
const MAX_URL = 120;

/** Which clicks are counted: parameters of `/v1/reports/links`. */
interface ClickFilter {
  readonly campaign?: string;
  readonly since?: string;
  readonly until?: string;
  readonly bots?: "exclude" | "include";
}

interface ClickMapProps {
  readonly email: string;
  readonly filter: ClickFilter;
  readonly isWithPictures: boolean;
  /** The URL of the page that has it, to show pictures and to hide them. */
  readonly url: URL;
  /** Undefined where the email's HTML is not kept. */
  readonly links: readonly FrameLink[] | undefined;
  readonly counts: readonly LinkCount[];
}

/** What the click map of an email shows, by the parameters of the page's address. Throws ApiTrouble. */
async function readClickMap(visit: Visit, email: string, filter: ClickFilter): Promise<ClickMapProps> {
  const isWithPictures = visit.url.searchParams.get("pictures") === "1";
  const [counts, html] = await Promise.all([linkCounts(visit, email, filter), sourceOf(visit, email, false)]);
  const links = html === undefined ? undefined : frameLinks(html, counts);
  return { email, filter, isWithPictures, url: visit.url, links, counts };
}

async function linkCounts({ api }: Visit, email: string, filter: ClickFilter): Promise<readonly LinkCount[]> {
  return (await answered(api.GET("/v1/reports/links", { params: { query: { email, ...filter } } }))).data;
}

/** Undefined where none is kept. */
async function sourceOf({ fetchApi }: Visit, email: string, isWithPictures: boolean): Promise<string | undefined> {
  const answer = await fetchApi(`/v1/emails/${encodeURIComponent(email)}/source?pictures=${isWithPictures ? 1 : 0}`);
  if (answer.ok) return await answer.text();
  if (answer.status === 404) return undefined;
  throw new ApiTrouble(answer.status, { code: "unavailable", message: "The email's HTML could not be read." });
}

function ClickMap(props: ClickMapProps) {
  const { links, url, isWithPictures } = props;
  const pictures = withParameters(url, { pictures: isWithPictures ? undefined : "1" });
  return (
    <Section
      title="Click map"
      id="click-map"
      note={`How many people clicked each link, and their share of all who clicked any. ${aboutBots(props.filter)}`}
      tools={
        links === undefined ? undefined : (
          <a href={`${pictures}#click-map`}>{isWithPictures ? "Hide pictures" : "Show pictures"}</a>
        )
      }
    >
      {links === undefined ? <NotKept /> : <EmailFrame {...props} />}
      <LinkTable {...props} />
    </Section>
  );
}

function aboutBots({ bots }: ClickFilter): string {
  return bots === "include" ? "Bots are counted, too." : "Bots are left out.";
}

function NotKept() {
  return (
    <EmptyState title="The HTML of this email is not kept">
      <p>
        Decorate it with <code>"keepSource": true</code>, and it is shown here with its clicks.
      </p>
    </EmptyState>
  );
}

function EmailFrame({ email, filter, isWithPictures }: ClickMapProps) {
  const about = isWithPictures
    ? "Pictures are loaded from the sender’s hosts, which see that somebody looks."
    : "Without pictures. Follow a link to see its numbers.";
  return (
    <figure class="email-frame">
      <iframe
        name={FRAME_NAME}
        sandbox=""
        title="The email, with a badge at each link"
        src={frameAddress(email, filter, isWithPictures)}
      />
      <figcaption class="note">{about}</figcaption>
    </figure>
  );
}

function frameAddress(email: string, filter: ClickFilter, isWithPictures: boolean): string {
  const query = new URLSearchParams({ ...filter, ...(isWithPictures ? { pictures: "1" } : {}) });
  return `/app/emails/${encodeURIComponent(email)}/source${query.size === 0 ? "" : `?${query}`}`;
}

interface LinkRow {
  readonly id: string;
  readonly place: FrameLink | undefined;
  readonly count: LinkCount | undefined;
}

/** Links of the email, in its order, then those that its HTML does not have. */
function rowsOf({ links = [], counts }: ClickMapProps): readonly LinkRow[] {
  const placed = new Set(links.map(({ id }) => id));
  const others = counts.filter(({ id }) => !placed.has(id));
  return [
    ...links.map((place) => ({ id: place.id, place, count: place.count })),
    ...others.map((count) => ({ id: count.id, place: undefined, count })),
  ];
}

function LinkTable(props: ClickMapProps) {
  const { email, filter, isWithPictures } = props;
  const address = frameAddress(email, filter, isWithPictures);
  const rows = rowsOf(props);
  const most = Math.max(0, ...rows.map(({ count }) => count?.people ?? 0));
  if (rows.length === 0) return <EmptyState title={noLinks(props)} />;
  return (
    <DataTable
      caption="Links of this email"
      rows={rows}
      rowId={({ id }) => `link-${id}`}
      columns={[
        { label: "Link", isName: true, cell: (row) => <LinkName row={row} address={address} /> },
        { label: "People", isNumber: true, cell: ({ count }) => formatCount(count?.people ?? 0) },
        {
          label: "Share",
          isNumber: true,
          cell: ({ count }) => (
            <Share share={count?.peopleShare ?? (most > 0 ? 0 : null)} heat={heatOf(count?.people ?? 0, most)} />
          ),
        },
        { label: "Clicks", isNumber: true, cell: ({ count }) => formatCount(count?.clicks ?? 0) },
      ]}
    />
  );
}

function noLinks({ links }: ClickMapProps): string {
  return links === undefined ? "No link of this email has been clicked yet" : "No link of this email is tracked";
}

function LinkName({ row: { place, count }, address }: { readonly row: LinkRow; readonly address: string }) {
  const name = count?.name ?? (place?.text || undefined) ?? count?.url ?? "Link without words";
  const label = place === undefined ? name : `${place.number}. ${name}`;
  return (
    <>
      {place === undefined ? (
        <span dir="auto">{label}</span>
      ) : (
        <a href={`${address}${FRAME_LINK}${place.id}`} target={FRAME_NAME} dir="auto">
          {label}
        </a>
      )}
      {count === undefined || count.url === name ? null : (
        <span class="beside link-url" dir="ltr" title={count.url.length > MAX_URL ? count.url : undefined}>
          {cutText(count.url, MAX_URL)}
        </span>
      )}
    </>
  );
}

function Share({ share, heat }: { readonly share: number | null; readonly heat: number }) {
  if (share === null) return "–";
  return (
    <span>
      <svg class={`heat heat-${heat}`} viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="4" />
      </svg>
      {formatShare(share)}
    </span>
  );
}

/** The click map on a page of its own. */
export const clickMapPage: DashboardPage = {
  path: "/emails/:email/clicks",
  scope: "read",
  show: async (visit) => {
    const { url } = visit;
    const view = mailingView(visit, "email");
    const { id: email, span, bots, period } = view;
    const campaign = url.searchParams.get("campaign") || undefined;
    const filter: ClickFilter = {
      ...(campaign === undefined ? {} : { campaign }),
      ...span,
      ...(bots === "include" ? { bots } : {}),
    };
    const name = await mailingName(visit, "email", email);
    const sender =
      campaign === undefined ? undefined : { id: campaign, name: await mailingName(visit, "campaign", campaign) };
    const map = await readClickMap(visit, email, filter);
    return {
      title: `Links of ${name}`,
      lede: <About email={email} campaign={sender} period={period} url={url} />,
      tools: (
        <>
          <PeriodPicker period={period} url={url} hasAll />
          <BotsSwitch url={url} />
        </>
      ),
      body: <ClickMap {...map} />,
    };
  },
};

interface AboutProps {
  readonly email: string;
  readonly campaign: { readonly id: string; readonly name: string } | undefined;
  readonly period: MailingView["period"];
  readonly url: URL;
}

/** Which clicks these are, and where the rest is. */
function About({ email, campaign, period, url }: AboutProps) {
  const all = <a href={sameMessages(url, mailingPath("email", email))}>All about this email</a>;
  const when = period.choice === "all" ? "" : ` Of messages sent ${periodPhrase(period)}.`;
  if (campaign === undefined)
    return (
      <>
        {all}
        {when === "" ? "" : `.${when}`}
      </>
    );
  return (
    <>
      Clicks in{" "}
      <a href={sameMessages(url, mailingPath("campaign", campaign.id))}>
        <bdi>{campaign.name}</bdi>
      </a>{" "}
      only.
      {when} <a href={withParameters(url, { campaign: undefined })}>Clicks in all campaigns</a>, {all}
    </>
  );
}

/** The filter in the frame's address, which its page has written. */
function filterIn({ searchParams }: URL): ClickFilter {
  const given = (name: string) => searchParams.get(name) || undefined;
  const [campaign, since, until] = ["campaign", "since", "until"].map(given);
  return {
    ...(campaign === undefined ? {} : { campaign }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(given("bots") === "include" ? { bots: "include" } : {}),
  };
}

/** The frame's document: /app/emails/:email/source. */
export async function emailFrameAnswer(visit: Visit): Promise<Response> {
  const { email = "" } = visit.params;
  const isWithPictures = visit.url.searchParams.get("pictures") === "1";
  const [counts, html] = await Promise.all([
    linkCounts(visit, email, filterIn(visit.url)),
    sourceOf(visit, email, isWithPictures),
  ]);
  return new Response(html === undefined ? "The HTML of this email is not kept." : emailFrame(html, counts), {
    status: html === undefined ? 404 : 200,
    headers: {
      ...PROTECTION,
      "Content-Type": html === undefined ? "text/plain; charset=utf-8" : "text/html; charset=utf-8",
      "Content-Security-Policy": sourcePolicy(isWithPictures, "'self'"),
      "Referrer-Policy": "no-referrer",
      "X-Robots-Tag": "noindex",
    },
  });
}
