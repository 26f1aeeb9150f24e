/**
 * Health: whether the Worker reaches and writes its log, what will fail unless somebody acts, dead letters with their
 * replay, and which settings there are.
 */
import type { Schemas } from "../client/index.ts";
import { EmptyState, Facts, Notice, Pager, Section } from "../web/components/content.tsx";
import { ActionForm } from "../web/components/form.tsx";
import { DataTable } from "../web/components/table.tsx";
import { formatCount, formatShare } from "../web/format.ts";
import { LocalTime } from "../web/local-time.tsx";
import type { DashboardPage, PageAction } from "./page.ts";
import { answered, pageQuery, type Visit } from "./visit.ts";

/** "Limits" of D1: what one database holds. */
const D1_BYTES = 10e9;
const MEGABYTE = 1e6;

/** What GET /healthz answers. */
interface HealthAnswer {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, string>>;
  readonly bytes: number | null;
  readonly unaggregated: number | null;
  readonly waiting: number | null;
  readonly deadLetters: number | null;
  readonly lost: number;
  readonly warnings: readonly string[];
}

const PARTS: Readonly<Record<string, string>> = {
  d1: "D1 answers",
  writes: "D1 takes writes",
  migrations: "D1 is migrated",
  outbox: "The outbox answers",
};

export const health: DashboardPage = {
  path: "/health",
  scope: "admin",
  show: async (visit) => {
    const { api, url } = visit;
    const [checked, letters, settings] = await Promise.all([
      checkHealth(visit),
      answered(api.GET("/v1/dead-letters", { params: { query: pageQuery(url, 20) } })),
      answered(api.GET("/v1/settings")),
    ]);
    const body = (
      <>
        <Replayed url={url} />
        <State health={checked} />
        <DeadLetters visit={visit} letters={letters.data} next={letters.next} />
        <Settings settings={settings.data} />
      </>
    );
    return { title: "Health", lede: "Whether events are recorded, and what needs somebody.", body };
  },
  actions: { replay: (visit, fields) => replay(visit, fields) },
};

async function checkHealth({ fetchApi }: Visit): Promise<HealthAnswer> {
  const answer = await fetchApi("/healthz");
  return await answer.json<HealthAnswer>();
}

function State({
  health: { ok, parts, bytes, unaggregated, waiting, lost, warnings },
}: {
  readonly health: HealthAnswer;
}) {
  return (
    <>
      {warnings.map((warning) => (
        <Notice kind="warning">{warning}</Notice>
      ))}
      <Section title={ok ? "Events are recorded" : "Events are not recorded as they should be"}>
        <Facts
          facts={[
            ...Object.entries(parts).map(([part, state]) => ({
              label: PARTS[part] ?? part,
              value: <PartState state={state} />,
            })),
            { label: "D1’s size", value: bytes === null ? "Unknown" : sizeOf(bytes) },
            { label: "Events not in statistics yet", value: countOf(unaggregated) },
            { label: "Groups of events waiting in the outbox", value: countOf(waiting) },
            { label: "Events lost, as far as is known here", value: formatCount(lost) },
          ]}
        />
      </Section>
    </>
  );
}

function PartState({ state }: { readonly state: string }) {
  return <span class={`tag ${state === "ok" ? "good" : "bad"}`}>{state === "ok" ? "Yes" : state}</span>;
}

function sizeOf(bytes: number): string {
  const megabytes = bytes / MEGABYTE;
  const shown = megabytes < 10 ? megabytes.toFixed(1) : formatCount(Math.round(megabytes));
  return `${shown} MB, ${formatShare(bytes, D1_BYTES)} of 10 GB`;
}

function countOf(count: number | null): string {
  return count === null ? "Unknown" : formatCount(count);
}

interface DeadLettersProps {
  readonly visit: Visit;
  readonly letters: readonly Schemas["DeadLetter"][];
  readonly next: string | undefined;
}

function DeadLetters({ visit: { url, zone }, letters, next }: DeadLettersProps) {
  return (
    <Section
      title="Dead letters"
      note="Groups of events that D1 rejected or the queue gave up on. Replaying one that is in the log adds nothing."
      tools={letters.length === 0 ? undefined : <ActionForm action="replay" button="Replay all" />}
    >
      {letters.length === 0 ? (
        <EmptyState title="There are no dead letters" />
      ) : (
        <DataTable
          caption="Dead letters"
          columns={[
            { label: "Stored", isName: true, cell: ({ at }) => <LocalTime at={at} zone={zone} /> },
            { label: "Why", cell: ({ error }) => error },
            { label: "Events", isNumber: true, cell: ({ events }) => formatCount(events) },
            {
              label: "",
              cell: ({ id }) => <ActionForm action="replay" button="Replay" kind="quiet" fixed={{ id: String(id) }} />,
            },
          ]}
          rows={letters}
        />
      )}
      <Pager next={next} url={url} />
    </Section>
  );
}

type Setting = Schemas["Setting"];

function Settings({ settings }: { readonly settings: readonly Setting[] }) {
  const groups = [
    { label: "Wrong, or missed", of: ({ problem }: Setting) => problem !== undefined },
    { label: "Set", of: ({ set, problem }: Setting) => set && problem === undefined },
    { label: "Not set", of: ({ set, problem }: Setting) => !set && problem === undefined },
  ];
  const facts = groups.flatMap(({ label, of }) => {
    const names = settings.filter(of).map(({ name }) => name);
    return names.length === 0 ? [] : [{ label, value: names.join(", ") }];
  });
  return (
    <Section
      title="Settings"
      note="Variables and secrets, without their values. One that is not set has its default: docs/settings.md."
    >
      <Facts facts={facts} />
    </Section>
  );
}

function Replayed({ url }: { readonly url: URL }) {
  const replayed = url.searchParams.get("replayed");
  if (replayed === null) return null;
  const failed = Number(url.searchParams.get("failed"));
  return (
    <Notice kind={failed === 0 ? "done" : "warning"}>
      {formatCount(Number(replayed))} replayed{failed === 0 ? "." : `, ${formatCount(failed)} rejected again.`}
    </Notice>
  );
}

/** Each call replays a hundred. What is behind them is still in the list. */
const REPLAY_CALLS = 10;

const replay: PageAction = async ({ api }, fields) => {
  const id = fields.get("id");
  const asked = id === null ? {} : { ids: [Number(id)] };
  const count = { replayed: 0, failed: 0 };
  let cursor: string | undefined;
  for (let calls = 0; calls < REPLAY_CALLS; calls++) {
    const body = { ...asked, ...(cursor === undefined ? {} : { cursor }) };
    const { replayed, failed, next } = await answered(api.POST("/v1/dead-letters/replay", { body }));
    count.replayed += replayed;
    count.failed += failed.length;
    if (next === undefined) break;
    cursor = next;
  }
  return `/health?replayed=${count.replayed}&failed=${count.failed}`;
};
