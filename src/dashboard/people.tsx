/** The people: who is looked for by an id or an address, and what is held about them. */
import type { Schemas } from "../client/index.ts";
import { EmptyState, Notice, Section } from "../web/components/content.tsx";
import { FilterForm, TextField } from "../web/components/form.tsx";
import { EraseSection, erasePeople } from "./erase-form.tsx";
import { HeldFacts } from "./held-facts.tsx";
import type { DashboardPage, PageContent } from "./page.ts";
import { ApiTrouble, answered, problemBeside, type Visit } from "./visit.ts";

type Held = Schemas["Held"];

export const peoplePage: DashboardPage = {
  path: "/people",
  scope: "admin",
  show: async (visit) => {
    const { searchParams } = visit.url;
    const find = (searchParams.get("find") ?? searchParams.get("address") ?? searchParams.get("person") ?? "").trim();
    if (find === "") return content(visit, { find, body: <Explained /> });
    if (MAY_BE_PERSON.test(find)) return personPath(find);
    try {
      const held = await answered(visit.api.GET("/v1/people/held", { params: { query: { address: find } } }));
      return content(visit, { find, body: <PeopleWith visit={visit} address={find} held={held} /> });
    } catch (error) {
      if (!(error instanceof ApiTrouble) || error.status !== 400) throw error;
      if (error.code !== "report_too_large") return content(visit, { find, problem: problemBeside(error), body: null });
      // Too much to count is no reason not to erase it.
      const body = (
        <>
          <Notice kind="warning">{error.message}</Notice>
          <EraseSection visit={visit} named={find} kind="address" held={undefined} />
        </>
      );
      return content(visit, { find, body });
    }
  },
  actions: { erase: async (visit, fields) => await erasePeople(visit, fields, { address: fields.get("named") ?? "" }) },
};

const MAY_BE_PERSON = /^[A-Za-z0-9._:-]{1,64}$/;

function personPath(id: string | number): `/${string}` {
  return `/people/${encodeURIComponent(id)}`;
}

interface Found {
  readonly find: string;
  readonly problem?: string;
  readonly body: PageContent["body"];
}

function content({ url }: Visit, { find, problem, body }: Found): PageContent {
  return {
    title: "People",
    lede: "What is held about a person: to look at, to hand out, and to erase.",
    body: (
      <>
        <FilterForm path={url.pathname} button="Find">
          <TextField
            label="Person"
            name="find"
            type="search"
            value={find}
            hint="A person’s id, or an address"
            problem={problem}
          />
        </FilterForm>
        {body}
      </>
    ),
  };
}

function Explained() {
  return (
    <EmptyState title="Who is it about?">
      <p>
        A person’s page shows how much is held about them, has all of it as a file, and erases it. To find out what
        became of one email, look among <a href="/app/messages">the messages</a>.
      </p>
    </EmptyState>
  );
}

interface PeopleWithProps {
  readonly visit: Visit;
  readonly address: string;
  readonly held: Held;
}

function PeopleWith({ visit, address, held }: PeopleWithProps) {
  const { people: erased, staying, more } = held;
  if (erased.length === 0 && staying.length === 0) {
    return (
      <EmptyState title="Nobody with this address is known">
        <p>It may be written differently, or was erased. Messages that name nobody are not searched here.</p>
      </EmptyState>
    );
  }
  return (
    <>
      <Section
        title="Who has this address"
        note={more ? "More people have it; these are the first hundred." : undefined}
      >
        <PersonList people={erased} none="Nobody has it now." />
        {staying.length === 0 ? null : (
          <>
            <h3>Who had it, and has another one now</h3>
            <PersonList people={staying} none="" />
          </>
        )}
      </Section>
      {erased.length === 0 ? null : (
        <Section title="What is held about them">
          <HeldFacts held={held} />
        </Section>
      )}
      <EraseSection visit={visit} named={address} kind="address" held={held} />
    </>
  );
}

function PersonList({ people: listed, none }: { readonly people: Held["people"]; readonly none: string }) {
  if (listed.length === 0) return <p>{none}</p>;
  return (
    <ul class="person-list">
      {listed.map(({ id }) => (
        <li>
          <a href={`/app${personPath(id)}`}>Person {id}</a>
        </li>
      ))}
    </ul>
  );
}
