/** One webhook endpoint: how far it is, what was posted, and what can be done with it. */
import type { Schemas } from "../client/index.ts";
import { ownValue } from "../platform/own-value.ts";
import { Facts, Notice, Section } from "../web/components/content.tsx";
import { ActionForm, TextField } from "../web/components/form.tsx";
import { formatCount } from "../web/format.ts";
import { LocalTime } from "../web/local-time.tsx";
import { DeliveryTable } from "./endpoint-parts.tsx";
import { filled } from "./form-values.ts";
import { momentOf } from "./local-dates.ts";
import type { DashboardPage, PageAction } from "./page.ts";
import { SecretOnce } from "./secret-once.tsx";
import { ApiTrouble, answered, pageQuery, type Visit } from "./visit.ts";
import { EndpointTag } from "./webhooks.tsx";

/** What a form's action did, in words. */
const DONE: Readonly<Record<string, string>> = {
  added: "The endpoint is added.",
  rotated: "A new secret is made. The old one signs beside it for 24 hours.",
  enabled: "Events are posted again, from where it was.",
  disabled: "Nothing is posted until it is enabled.",
  stopped: "The replay is stopped.",
  skipped: "The event is skipped.",
  tested: "A sample of each type was posted: see the deliveries.",
};

/** After these the page shows a secret. */
const MAKES_SECRET = new Set(["added", "rotated"]);

export const webhookEndpoint: DashboardPage = {
  path: "/webhooks/:id",
  scope: "admin",
  show: async (visit) => {
    const { api, url, zone } = visit;
    const path = pathOf(visit);
    const query = pageQuery(url, 50);
    const [endpoint, deliveries] = await Promise.all([
      answered(api.GET("/v1/webhook-endpoints/{id}", { params: { path } })),
      answered(api.GET("/v1/webhook-endpoints/{id}/deliveries", { params: { path, query } })),
    ]);
    const done = url.searchParams.get("done") ?? "";
    const words = ownValue(DONE, done);
    const body = (
      <>
        {words === undefined ? null : <Notice kind="done">{words}</Notice>}
        {done === "replaying" ? <Replaying url={url} zone={zone} /> : null}
        {MAKES_SECRET.has(done) ? <SecretOnce secret={visit.shownOnce.take()} /> : null}
        <Progress endpoint={endpoint} zone={zone} />
        <Section title="Deliveries" note="What was posted in the last 30 days, the latest first.">
          <DeliveryTable deliveries={deliveries.data} next={deliveries.next} url={url} zone={zone} />
        </Section>
        <Actions visit={visit} enabled={endpoint.enabled} isReplaying={endpoint.progress.replays.length > 0} />
      </>
    );
    const tools = <ActionForm action="test" button="Post samples" kind="quiet" />;
    return { title: endpoint.description ?? "Endpoint", lede: endpoint.url, tools, body };
  },
  actions: {
    test: (visit) => test(visit),
    enable: (visit) => change(visit, true),
    disable: (visit) => change(visit, false),
    replay: (visit, fields) => replay(visit, fields),
    stop: (visit) => stop(visit),
    skip: (visit, fields) => skip(visit, fields),
    rotate: (visit) => rotate(visit),
    remove: (visit) => remove(visit),
  },
};

type ShownEndpoint = Schemas["WebhookEndpoint"] & {
  readonly progress: {
    readonly behind: number;
    readonly retrying: number;
    readonly givenUp: number;
    readonly failingSince?: string;
    readonly nextTryAt?: string;
    readonly replays: readonly unknown[];
  };
};

function Progress({ endpoint, zone }: { readonly endpoint: ShownEndpoint; readonly zone: string }) {
  const { behind, retrying, givenUp, failingSince, nextTryAt, replays } = endpoint.progress;
  const { events, batch, ordered, bots } = endpoint;
  const times = [
    ...(failingSince === undefined
      ? []
      : [{ label: "Nothing was accepted since", value: <LocalTime at={failingSince} zone={zone} /> }]),
    ...(nextTryAt === undefined
      ? []
      : [{ label: "Next try", value: <LocalTime at={nextTryAt} zone={zone} exact="second" /> }]),
  ];
  return (
    <Section title="How far it is">
      <Facts
        facts={[
          { label: "State", value: <EndpointTag endpoint={endpoint} /> },
          { label: "Behind the log", value: `${formatCount(behind)} events` },
          { label: "Tried again", value: formatCount(retrying) },
          { label: "Given up in 30 days", value: formatCount(givenUp) },
          { label: "Replays under way", value: formatCount(replays.length) },
          ...times,
          { label: "Events", value: events?.join(", ") ?? "All" },
          { label: "Bots", value: bots === "exclude" ? "Left out" : "Posted, too" },
          {
            label: "Order",
            value: ordered ? "Kept: one that is not accepted holds up the others" : "Not kept: others go on",
          },
          { label: "Events a post", value: batch === 1 ? "One" : `Up to ${formatCount(batch)}` },
        ]}
      />
    </Section>
  );
}

interface ActionsProps {
  readonly visit: Visit;
  readonly enabled: boolean;
  readonly isReplaying: boolean;
}

/** Which time it is, by the parameters of the address that a replay leads to. */
function Replaying({ url, zone }: { readonly url: URL; readonly zone: string }) {
  const [from, to] = [url.searchParams.get("from"), url.searchParams.get("to")].map((text) =>
    text === null || Number.isNaN(Date.parse(text)) ? undefined : <LocalTime at={text} zone={zone} />,
  );
  return (
    <Notice kind="done">
      The events recorded{from === undefined ? null : <> from {from} on</>}
      {to === undefined ? null : <> and before {to}</>} are posted again.
    </Notice>
  );
}

function Actions({ visit: { refused, zone }, enabled, isReplaying }: ActionsProps) {
  return (
    <div class="columns">
      <Section
        title="Post events again"
        note="All that was recorded from a time on, or between two. Events keep their ids: ignore those that you have."
      >
        <ActionForm action="replay" button="Replay">
          <TextField
            label="Recorded from"
            type="datetime-local"
            hint={`In ${zone}.`}
            {...filled(refused, "from")}
            isRequired
          />
          <TextField
            label="Recorded before"
            type="datetime-local"
            hint={`In ${zone}. Empty: until now.`}
            {...filled(refused, "to")}
          />
        </ActionForm>
        {isReplaying ? <ActionForm action="stop" button="Stop the replays" kind="quiet" /> : null}
      </Section>
      <Section
        title="Secret"
        id="secret"
        note="A new secret signs beside the old one for 24 hours, so that nothing is refused."
      >
        <ActionForm action="rotate" button="Make a new secret" kind="quiet" />
      </Section>
      <Section
        title={enabled ? "Pause or remove it" : "Enable or remove it"}
        note="Enabling goes on from where it was."
      >
        <div class="tools">
          <ActionForm action={enabled ? "disable" : "enable"} button={enabled ? "Disable" : "Enable"} kind="quiet" />
          <details>
            <summary>Remove</summary>
            <p>Events that were not posted to it yet will not be posted.</p>
            <ActionForm action="remove" button="Remove the endpoint" kind="danger" />
          </details>
        </div>
      </Section>
    </div>
  );
}

function pathOf({ params }: Visit) {
  return { id: params.id ?? "" };
}

function back({ params }: Visit, done: string): `/${string}` {
  return `/webhooks/${encodeURIComponent(params.id ?? "")}?done=${done}`;
}

async function test(visit: Visit) {
  await answered(visit.api.POST("/v1/webhook-endpoints/{id}/test", { params: { path: pathOf(visit) } }));
  return back(visit, "tested");
}

async function change(visit: Visit, enabled: boolean) {
  await answered(visit.api.PATCH("/v1/webhook-endpoints/{id}", { params: { path: pathOf(visit) }, body: { enabled } }));
  return back(visit, enabled ? "enabled" : "disabled");
}

/** Where clocks show a time twice, `from` is the first and `to` the last: nothing is left out. */
const replay: PageAction = async (visit, fields) => {
  const from = timeIn(visit, fields, "from", "first");
  const to = (fields.get("to") ?? "") === "" ? undefined : timeIn(visit, fields, "to", "last");
  const body = { from, ...(to === undefined ? {} : { to }) };
  await answered(visit.api.POST("/v1/webhook-endpoints/{id}/replay", { params: { path: pathOf(visit) }, body }));
  return `${back(visit, "replaying")}&${new URLSearchParams(body)}`;
};

/** What a field says in the viewer's zone, as `/v1` takes it. Throws ApiTrouble. */
function timeIn({ zone }: Visit, fields: URLSearchParams, field: "from" | "to", which: "first" | "last"): string {
  const ms = momentOf(fields.get(field) ?? "", zone, which);
  if (ms !== undefined) return new Date(ms).toISOString();
  const message = "Must be a date and a time, like 2026-11-20T09:30.";
  throw new ApiTrouble(400, { code: "invalid_field", message, field });
}

async function stop(visit: Visit) {
  await answered(visit.api.DELETE("/v1/webhook-endpoints/{id}/replay", { params: { path: pathOf(visit) } }));
  return back(visit, "stopped");
}

const skip: PageAction = async (visit, fields) => {
  const body = { event: fields.get("event") ?? "" };
  await answered(visit.api.POST("/v1/webhook-endpoints/{id}/skip", { params: { path: pathOf(visit) }, body }));
  return back(visit, "skipped");
};

async function rotate(visit: Visit) {
  const path = pathOf(visit);
  const { secret } = await answered(visit.api.POST("/v1/webhook-endpoints/{id}/rotate", { params: { path } }));
  return { path: back(visit, "rotated"), once: secret };
}

async function remove(visit: Visit): Promise<`/${string}`> {
  const { error, response } = await visit.api.DELETE("/v1/webhook-endpoints/{id}", { params: { path: pathOf(visit) } });
  if (error !== undefined) await answered(Promise.resolve({ error, response }));
  return "/webhooks?done=removed";
}
