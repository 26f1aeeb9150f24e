/** A person: what is held about them, all of it as a file, and its erasure. */
import { EmptyState, Notice, Section } from "../web/components/content.tsx";
import { EraseSection, erasePeople } from "./erase-form.tsx";
import { HeldFacts } from "./held-facts.tsx";
import type { DashboardPage } from "./page.ts";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

export const personPage: DashboardPage = {
  path: "/people/:person",
  scope: "admin",
  show: async (visit) => {
    const { person: id = "" } = visit.params;
    return {
      title: `Person ${id}`,
      lede: <a href={`/app/messages?person=${encodeURIComponent(id)}`}>All messages to them</a>,
      body: await bodyOf(visit, id),
    };
  },
  actions: { erase: async (visit, fields) => await erasePeople(visit, fields, { person: visit.params.person ?? "" }) },
};

async function bodyOf(visit: Visit, id: string) {
  const file = `/app/people/${encodeURIComponent(id)}/export`;
  try {
    const held = await answered(visit.api.GET("/v1/people/held", { params: { query: { person: id } } }));
    if (isNothing(held)) {
      return (
        <EmptyState title="Nothing is held about this person">
          <p>
            Nobody with this id was mailed, or they were erased. <a href="/app/people">Look for somebody else</a>
          </p>
        </EmptyState>
      );
    }
    return (
      <>
        <Section
          title="What is held"
          tools={
            <a href={file} download>
              Download all of it
            </a>
          }
          note="The file holds a line of JSON for each page of the export."
        >
          <HeldFacts held={held} />
        </Section>
        <EraseSection visit={visit} named={id} kind="person" held={held} />
      </>
    );
  } catch (error) {
    // Too much to count is no reason not to export or erase it.
    if (!(error instanceof ApiTrouble) || error.code !== "report_too_large") throw error;
    return (
      <>
        <Notice kind="warning">{error.message}</Notice>
        <p>
          <a href={file} download>
            Download all that is held
          </a>
        </p>
        <EraseSection visit={visit} named={id} kind="person" held={undefined} />
      </>
    );
  }
}

function isNothing({
  addresses,
  messages,
  events,
  suppressions,
  lifts,
  retries,
}: Parameters<typeof HeldFacts>[0]["held"]) {
  return (
    addresses.length + messages + suppressions + lifts + retries === 0 &&
    Object.values(events).every((count) => count === 0)
  );
}
