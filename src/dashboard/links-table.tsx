/** The links of an email or a campaign, with their clicks. */
import type { Schemas } from "../client/index.ts";
import { type Column, DataTable } from "../web/components/table.tsx";
import { WebLink } from "../web/components/web-link.tsx";
import { formatCount, formatShare } from "../web/format.ts";
import { ShareBar } from "./count-parts.tsx";
import type { Grouping } from "./group-table.tsx";

export type LinkRow = Schemas["LinksReportRow"];

/** What an address is cut to. */
const MAX_URL = 90;

export interface LinksTableProps {
  readonly links: readonly LinkRow[];
  readonly by: Grouping;
}

export function LinksTable({ links, by }: LinksTableProps) {
  const columns: readonly Column<LinkRow>[] = [
    { label: "Link", isName: true, cell: (link) => <LinkName link={link} isOneOfSeveral={perUrl(links, link) > 1} /> },
    ...(by === "email"
      ? []
      : [{ label: "Emails", isNumber: true, cell: ({ emails }: LinkRow) => formatCount(emails) }]),
    { label: "Clicks", isNumber: true, cell: ({ clicks }) => formatCount(clicks) },
    { label: "Share of clicks", isNumber: true, cell: ({ clicksShare }) => <Shared share={clicksShare} /> },
    { label: "People", isNumber: true, cell: ({ people }) => formatCount(people) },
    { label: "Share of people", isNumber: true, cell: ({ peopleShare }) => formatShare(peopleShare) },
    { label: "Bots’ clicks", isNumber: true, cell: ({ bots }) => formatCount(bots.clicks) },
  ];
  return (
    <div class="dense">
      <DataTable caption={`Links of this ${by}`} columns={columns} rows={links} />
    </div>
  );
}

function Shared({ share }: { readonly share: number | null }) {
  return (
    <>
      {formatShare(share)}
      <ShareBar share={share} />
    </>
  );
}

function perUrl(links: readonly LinkRow[], { url }: LinkRow): number {
  return links.filter((other) => other.url === url).length;
}

interface LinkNameProps {
  readonly link: LinkRow;
  /** Other rows have its address. */
  readonly isOneOfSeveral: boolean;
}

function LinkName({ link: { id, name, url, occurrence }, isOneOfSeveral }: LinkNameProps) {
  return (
    <>
      {name === undefined ? null : <bdi>{name}</bdi>}
      <span class={name === undefined ? "link-url" : "part link-url"} dir="ltr">
        <WebLink url={url} maxLength={MAX_URL} />
      </span>
      {isOneOfSeveral && name === undefined ? (
        <span class="part">
          {occurrence === undefined ? `link ${id}` : `number ${occurrence} of the email’s links to it`}
        </span>
      ) : null}
    </>
  );
}
