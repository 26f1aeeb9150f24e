/** The links of an email with their clicks: beside the click map, and by themselves. */
import type { Schemas } from "../client/index.ts";
import { type Column, DataTable } from "../web/components/table.tsx";
import { WebLink } from "../web/components/web-link.tsx";
import { formatCount, formatShare } from "../web/format.ts";

export type LinkRow = Schemas["LinksReportRow"];

/** What an address is cut to. */
const MAX_URL = 90;

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
      <DataTable caption="Links of this email" columns={columns} rows={links} />
    </div>
  );
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
  return (
    <>
      {name === undefined ? null : <bdi>{name}</bdi>}
      <span class={name === undefined ? "link-url" : "part link-url"} dir="ltr">
        <WebLink url={url} maxLength={MAX_URL} />
      </span>
    </>
  );
}
