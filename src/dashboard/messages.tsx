/** The messages: one form finds them, newest first. What has a token of a message in it leads to the message. */
import type { Schemas } from "../client/index.ts";
import { AddressText } from "../web/components/address-text.tsx";
import { EmptyState, Notice, Pager } from "../web/components/content.tsx";
import { ChoiceField, FilterForm, KeptParameters, TextField } from "../web/components/form.tsx";
import { DataTable } from "../web/components/table.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { OPENS_NOTE } from "./count-parts.tsx";
import { sameMessages } from "./mailing-view.ts";
import { activityWords, mailingPath, messagePath, nameOf, STATUS_CHOICES, StatusTag, whoOf } from "./message-parts.tsx";
import { type MessagePage, type MessageSearch, searchIn, searchMessages } from "./message-search.ts";
import { mailingsNamed, type NamedMailing, NamedMailings } from "./named-mailings.tsx";
import { OwnTag } from "./own-mail.tsx";
import type { DashboardPage, PageContent } from "./page.ts";
import { PeriodPicker, periodPhrase, ShowAllTime } from "./period-picker.tsx";
import { ApiTrouble, problemBeside, type Visit } from "./visit.ts";

type Message = Schemas["Message"];

export const messages: DashboardPage = {
  path: "/messages",
  scope: "read",
  show: async (visit) => {
    const search = searchIn(visit);
    try {
      const found = await searchMessages(visit.api, search);
      const [only, ...others] = found.data;
      if (found.isByToken && only !== undefined && others.length === 0) return messagePath(only);
      const isEmpty = found.data.length === 0 && found.next === undefined && !found.isByToken;
      const named = isEmpty && search.cursor === undefined ? await mailingsNamed(visit, search) : [];
      return content(visit, search, undefined, <Found visit={visit} search={search} found={found} named={named} />);
    } catch (error) {
      if (!(error instanceof ApiTrouble) || error.status !== 400 || error.field === "cursor") throw error;
      const isOfField = FIELDS.has(error.field ?? "");
      const named = isOfField ? <NamedMailings mailings={await mailingsNamed(visit, search)} /> : null;
      return content(visit, search, error, named ?? <Notice kind="problem">{error.message}</Notice>);
    }
  },
};

/** By the field that `/v1` refuses, the field of the form. */
const FIELDS: ReadonlyMap<string, keyof MessageSearch> = new Map([
  ["token", "find"],
  ["address", "find"],
  ["person", "find"],
  ["email", "email"],
  ["campaign", "campaign"],
  ["status", "status"],
]);

function content(visit: Visit, search: MessageSearch, trouble: ApiTrouble | undefined, found: PageContent["body"]) {
  const problemOf = (name: keyof MessageSearch) =>
    trouble !== undefined && FIELDS.get(trouble.field ?? "") === name ? problemBeside(trouble) : undefined;
  const { find, email, campaign, status, message, period } = search;
  return {
    title: "Messages",
    lede: ledeOf(period),
    tools: <PeriodPicker period={period} url={visit.url} hasAll />,
    body: (
      <>
        <FilterForm path={visit.url.pathname} button="Find">
          <KeptParameters url={visit.url} except={SEARCHED} />
          <TextField
            label="Recipient or message"
            name="find"
            type="search"
            value={find}
            hint="An address, a person’s id, a message token, its header, or a tracking link"
            problem={problemOf("find")}
          />
          <TextField label="Email" name="email" value={email} problem={problemOf("email")} placeholder="Its id" />
          <TextField
            label="Campaign"
            name="campaign"
            value={campaign}
            problem={problemOf("campaign")}
            placeholder="Its id"
          />
          <ChoiceField
            label="Status"
            name="status"
            choices={[{ value: "", label: "Any" }, ...STATUS_CHOICES]}
            value={status}
            problem={problemOf("status")}
          />
        </FilterForm>
        {message === "" ? null : (
          <p>
            All messages to one person. <a href={visit.url.pathname}>Show everybody’s</a>
          </p>
        )}
        {found}
      </>
    ),
  };
}

/** Parameters of the address that the form writes, those of other pages' links to it, and what a new search ends. */
const SEARCHED = ["find", "address", "person", "token", "email", "campaign", "status", "message", "cursor"];

function ledeOf(period: MessageSearch["period"]): string {
  if (period.choice === "all") return "Every email to every person, and what became of it.";
  return `Messages sent ${periodPhrase(period)}, and what became of them.`;
}

interface FoundProps {
  readonly visit: Visit;
  readonly search: MessageSearch;
  readonly found: MessagePage;
  /** What has a name like what was looked for. */
  readonly named: readonly NamedMailing[];
}

function Found({ visit, search, found: { data, next, isByToken, limit }, named }: FoundProps) {
  const { url } = visit;
  if (data.length === 0 && next === undefined)
    return <Nothing search={search} isByToken={isByToken} url={url} named={named} />;
  return (
    <section class="card">
      {data.length === 0 ? (
        <EmptyState title="Nothing in this part of the log">
          <p>Each page looks through a part of the log. Older messages may match: go on to the next page.</p>
        </EmptyState>
      ) : (
        <MessageTable caption="Messages, newest first" visit={visit} messages={data} />
      )}
      <p class="note after">{OPENS_NOTE}</p>
      {data.length > 0 && data.length < limit && next !== undefined ? (
        <p class="note after">
          This page looked through a part of the log and found {data.length}. Older messages may follow on the next
          page.
        </p>
      ) : null}
      <Pager next={next} url={url} />
    </section>
  );
}

export interface MessageTableProps {
  readonly caption: string;
  readonly visit: Visit;
  readonly messages: readonly Message[];
}

export function MessageTable({ caption, visit, messages: rows }: MessageTableProps) {
  return <DataTable caption={caption} columns={columnsIn(visit)} rows={rows} />;
}

const columnsIn = (visit: Visit) => [
  {
    label: "Recipient",
    isName: true,
    cell: (message: Message) => (
      <>
        <a href={`/app${messagePath(message)}`}>
          <AddressText address={whoOf(message.person)} />
        </a>{" "}
        <OwnTag visit={visit} by="email" id={message.email.id} sentAt={message.sentAt} />
      </>
    ),
  },
  {
    label: "Email",
    cell: ({ email, campaign }: Message) => (
      <>
        <a href={sameMessages(visit.url, mailingPath("email", email.id))} dir="auto">
          {nameOf(email, "email")}
        </a>
        <span class="beside" dir="auto">
          {nameOf(campaign, "campaign")}
        </span>
      </>
    ),
  },
  { label: "Status", cell: ({ status }: Message) => <StatusTag status={status} /> },
  {
    label: "Activity",
    cell: (message: Message) => {
      const { people, bots } = activityWords(message);
      return (
        <>
          {people === "" ? <span class="soft">None</span> : people}
          {bots === "" ? null : <span class="beside">Bots or proxies: {bots}</span>}
        </>
      );
    },
  },
  { label: "Sent", cell: ({ sentAt }: Message) => <LocalTime at={sentAt} zone={visit.zone} /> },
];

interface NothingProps {
  readonly search: MessageSearch;
  readonly isByToken: boolean;
  readonly url: URL;
  readonly named: readonly NamedMailing[];
}

function Nothing({ search: { find, email, campaign, status, period, cursor }, isByToken, url, named }: NothingProps) {
  if (isByToken) {
    return (
      <EmptyState title="Nothing has happened to this message yet">
        <p>Its token is genuine, but the log has no event of it: as far as is known, it was not sent.</p>
      </EmptyState>
    );
  }
  if (cursor !== undefined) return <EmptyState title="This is the end of the list" />;
  if (period.choice !== "all") {
    return (
      <EmptyState title="No message of this period matches">
        <NamedMailings mailings={named} />
        <ShowAllTime url={url} />
      </EmptyState>
    );
  }
  if ([find, email, campaign, status].every((text) => text === "")) {
    return (
      <EmptyState title="No message is in the log yet">
        <p>
          A message appears when its send is reported, or it is opened or clicked. <a href="/v1/docs">The API</a>{" "}
          decorates emails and takes reports.
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No message matches">
      <NamedMailings mailings={named} />
      <p>
        Look for less: leave a field empty, or <a href={url.pathname}>show all messages</a>.
      </p>
    </EmptyState>
  );
}
