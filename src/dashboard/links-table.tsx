/** The links of an email with their clicks: beside the click map, and by themselves. */
import type { Schemas } from "../client/index.ts";
import { type Column, DataTable } from "../web/components/table.tsx";
import { formatCount, formatShare } from "../web/format.ts";

export type LinkRow = Schemas["LinksReportRow"];

/** What an address is cut to; all of it stands in the title. */
const MAX_URL = 90;

/** Rows have the ids of `linkRowId`, for a map that leads to them. */
export function LinksTable({ links }: { readonly links: readonly LinkRow[] }) {
  const columns: readonly Column<LinkRow>[] = [
    { label: "Link", isName: true, cell: (link) => <LinkName link={link} /> },
    { label: "Clicks", isNumber: true, cell: ({ clicks }) => formatCount(clicks) },
    { label: "Share of clicks", isNumber: true, cell: ({ clicksShare }) => <ShareBar share={clicksShare} /> },
    { label: "People", isNumber: true, cell: ({ people }) => formatCount(people) },
    { label: "Share of people", isNumber: true, cell: ({ peopleShare }) => shareText(peopleShare) },
    { label: "Bots’ clicks", isNumber: true, cell: ({ bots }) => formatCount(bots.clicks) },
  ];
  return (
    <div class="dense">
      <DataTable caption="Links of this email" columns={columns} rows={links} rowId={({ id }) => linkRowId(id)} />
    </div>
  );
}

export function linkRowId(id: string): string {
  return `link-${id}`;
}

const shareText = (share: number | null) => (share === null ? "–" : formatShare(share));

function ShareBar({ share }: { readonly share: number | null }) {
  return (
    <>
      <svg class="share-bar" aria-hidden="true">
        <rect width={`${Math.round((share ?? 0) * 1000) / 10}%`} height="100%" />
      </svg>
      {shareText(share)}
    </>
  );
}

function LinkName({ link: { name, url } }: { readonly link: LinkRow }) {
  const address = url.length > MAX_URL ? `${url.slice(0, MAX_URL)}…` : url;
  return (
    <>
      {name === undefined ? null : <bdi>{name}</bdi>}
      <span class={name === undefined ? "link-url" : "part link-url"} dir="ltr" title={url}>
        {isOfTheWeb(url) ? (
          <a href={url} rel="noreferrer">
            {address}
          </a>
        ) : (
          address
        )}
      </span>
    </>
  );
}

/** What else a log has for a link, such as "javascript:", is shown and leads nowhere. */
function isOfTheWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
