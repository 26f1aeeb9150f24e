/** The table of emails or of campaigns, a row each. */
import type { Schemas } from "../client/index.ts";
import { Sparkline } from "../web/charts/index.ts";
import { type Column, DataTable } from "../web/components/table.tsx";
import { cutText } from "../web/cut-text.ts";
import { formatCount } from "../web/format.ts";
import { LocalTime } from "../web/local-time.tsx";
import { bouncedOf, ShareAndCount } from "./count-parts.tsx";
import { MAILING_LABELS, nameOf } from "./message-parts.tsx";
import { OwnTag } from "./own-mail.tsx";
import type { Visit } from "./visit.ts";

export type GroupRow = Schemas["EmailsReportRow"];
export type Grouping = "email" | "campaign";

export interface GroupTableProps {
  readonly caption: string;
  readonly by: Grouping;
  readonly rows: readonly GroupRow[];
  readonly visit: Visit;
  /** A row's page, by its id. */
  readonly hrefOf: (id: string) => string;
  /** An email's click map, by its id. */
  readonly mapOf?: (id: string) => string;
  /** The page with this one beside others, by its id. */
  readonly addOf?: (id: string) => string;
}

/** A longer name is cut, and whole in the title. */
const MAX_NAME = 120;

export function groupTable({ caption, by, rows, visit, hrefOf, mapOf, addOf }: GroupTableProps) {
  const hasTrend = rows.some(({ trend }) => trend !== undefined);
  const columns: readonly Column<GroupRow>[] = [
    {
      label: MAILING_LABELS[by],
      isName: true,
      cell: (row) => <GroupName by={by} row={row} visit={visit} hrefOf={hrefOf} />,
    },
    {
      label: "Last sent",
      cell: ({ lastSentAt }) =>
        lastSentAt === null ? "–" : <LocalTime at={lastSentAt} zone={visit.zone} exact="day" />,
    },
    ...(hasTrend ? [{ label: "Sent over time", cell: TrendOf }] : []),
    { label: "Sent", isNumber: true, cell: ({ sent }) => formatCount(sent) },
    {
      label: "Delivered",
      isNumber: true,
      cell: ({ delivered, rates }) => <ShareAndCount count={delivered} share={rates.delivered} />,
    },
    {
      label: "Opened",
      isNumber: true,
      cell: ({ opened, rates }) => <ShareAndCount count={opened} share={rates.opened} />,
    },
    {
      label: "Clicked",
      isNumber: true,
      cell: ({ clicked, rates }) => <ShareAndCount count={clicked} share={rates.clicked} />,
    },
    {
      label: "Unsubscribed",
      isNumber: true,
      cell: ({ unsubscribed, rates }) => <ShareAndCount count={unsubscribed} share={rates.unsubscribed} />,
    },
    {
      label: "Bounced",
      isNumber: true,
      cell: (row) => <ShareAndCount count={bouncedOf(row)} share={row.rates.bounced} />,
    },
    ...(mapOf === undefined ? [] : [{ label: "Links", cell: (row: GroupRow) => <MapLink row={row} mapOf={mapOf} /> }]),
    ...(addOf === undefined
      ? []
      : [{ label: "Compare", cell: (row: GroupRow) => <AddLink row={row} addOf={addOf} /> }]),
  ];
  return (
    <div class="dense">
      <DataTable caption={caption} columns={columns} rows={rows} />
    </div>
  );
}

type GroupNameProps = Pick<GroupTableProps, "by" | "visit" | "hrefOf"> & { readonly row: GroupRow };

function GroupName({ by, row, visit, hrefOf }: GroupNameProps) {
  const group = row[by];
  if (group === undefined) return null;
  const name = nameOf(group, by);
  return (
    <>
      <a href={hrefOf(String(group.id))} title={name.length > MAX_NAME ? name : undefined}>
        <bdi>{cutText(name, MAX_NAME)}</bdi>
      </a>{" "}
      <OwnTag visit={visit} by={by} id={group.id} sentAt={row.lastSentAt} />
      {group.name === undefined ? <span class="part">has no name</span> : <span class="part">{`id ${group.id}`}</span>}
    </>
  );
}

type MapLinkProps = Required<Pick<GroupTableProps, "mapOf">> & { readonly row: GroupRow };

function MapLink({ row: { email }, mapOf }: MapLinkProps) {
  if (email === undefined) return null;
  return (
    <a href={mapOf(String(email.id))} aria-label={`Click map of ${nameOf(email, "email")}`}>
      Click map
    </a>
  );
}

type AddLinkProps = Required<Pick<GroupTableProps, "addOf">> & { readonly row: GroupRow };

function AddLink({ row: { email }, addOf }: AddLinkProps) {
  if (email === undefined) return null;
  return (
    <a href={addOf(String(email.id))} aria-label={`Add ${nameOf(email, "email")}`}>
      Add
    </a>
  );
}

function TrendOf({ trend, sent }: GroupRow) {
  if (trend === undefined || sent === 0) return <>–</>;
  return <Sparkline label="Messages sent" values={trend} />;
}
