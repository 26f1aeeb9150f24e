/** Webhooks: the endpoints that events are posted to, and adding one, whose secret is shown once. */
import type { Schemas } from "../client/index.ts";
import { EmptyState, Notice, Section } from "../web/components/content.tsx";
import { ActionForm, CheckField, type Choice, ChoiceField, TextField } from "../web/components/form.tsx";
import { DataTable } from "../web/components/table.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { EVENT_CHOICES, isWebhookType } from "./endpoint-parts.tsx";
import { filled } from "./form-values.ts";
import type { DashboardPage, PageAction } from "./page.ts";
import { answered, type Visit } from "./visit.ts";

const BATCHES: readonly Choice[] = [
  { value: "1", label: "One event a post" },
  { value: "100", label: "Up to 100 events a post" },
];
const BOTS: readonly Choice[] = [
  { value: "include", label: "Posted, too, marked as a bot’s" },
  { value: "exclude", label: "Left out" },
];

export const webhooks: DashboardPage = {
  path: "/webhooks",
  scope: "admin",
  show: async (visit) => {
    const { data } = await answered(visit.api.GET("/v1/webhook-endpoints"));
    const body = (
      <>
        {visit.url.searchParams.get("done") === "removed" ? (
          <Notice kind="done">The endpoint is removed.</Notice>
        ) : null}
        <Section title="Endpoints">
          {data.length === 0 ? (
            <EmptyState title="Events are posted nowhere">
              <p>Add the address of your own system below: it gets each event within a minute, signed.</p>
            </EmptyState>
          ) : (
            <Endpoints endpoints={data} zone={visit.zone} />
          )}
        </Section>
        <NewEndpoint visit={visit} />
      </>
    );
    return { title: "Webhooks", lede: "Events, posted to your own systems as they are recorded.", body };
  },
  actions: { create: (visit, fields) => create(visit, fields) },
};

interface EndpointsProps {
  readonly endpoints: readonly Schemas["WebhookEndpoint"][];
  readonly zone: string;
}

function Endpoints({ endpoints, zone }: EndpointsProps) {
  return (
    <DataTable
      caption="Webhook endpoints"
      columns={[
        { label: "Address", isName: true, cell: ({ id, url }) => <a href={`/app/webhooks/${id}`}>{url}</a> },
        { label: "What for", cell: ({ description }) => <span dir="auto">{description ?? ""}</span> },
        { label: "Events", cell: ({ events }) => events?.join(", ") ?? "All" },
        { label: "State", cell: (endpoint) => <EndpointTag endpoint={endpoint} /> },
        { label: "Since", cell: ({ createdAt }) => <LocalTime at={createdAt} zone={zone} exact="day" /> },
      ]}
      rows={endpoints}
    />
  );
}

const DISABLED: Readonly<Record<NonNullable<Schemas["WebhookEndpoint"]["disabledReason"]>, string>> = {
  by_sender: "Disabled by you",
  gone: "Disabled: it answered 410",
  failing: "Disabled: it took nothing for five days",
};

export function EndpointTag({
  endpoint,
}: {
  readonly endpoint: Pick<Schemas["WebhookEndpoint"], "enabled" | "disabledReason">;
}) {
  const { enabled, disabledReason } = endpoint;
  if (enabled) return <span class="tag good">Enabled</span>;
  const words = disabledReason === undefined ? "Disabled" : DISABLED[disabledReason];
  return <span class={`tag ${disabledReason === "by_sender" ? "" : "bad"}`}>{words}</span>;
}

function NewEndpoint({ visit: { refused } }: { readonly visit: Visit }) {
  return (
    <Section title="Add an endpoint">
      <ActionForm action="create" button="Add endpoint">
        <TextField
          label="Address"
          type="url"
          hint="https, and not of a private network."
          placeholder="https://example.com/webhooks/waxseal"
          {...filled(refused, "url")}
          isRequired
        />
        <TextField label="What for" {...filled(refused, "description")} />
        <fieldset>
          <legend>Events to post: all, unless you choose some</legend>
          {EVENT_CHOICES.map(({ value, label }) => (
            <CheckField
              label={label}
              name="events"
              value={value}
              isChecked={refused?.fields.getAll("events").includes(value)}
            />
          ))}
        </fieldset>
        <ChoiceField label="Opens and clicks by bots" choices={BOTS} {...filled(refused, "bots")} />
        <ChoiceField label="Batches" choices={BATCHES} {...filled(refused, "batch")} />
        <CheckField
          label="In order: when an event is not accepted, the others wait for it"
          name="ordered"
          isChecked={refused === undefined || refused.fields.has("ordered")}
        />
      </ActionForm>
    </Section>
  );
}

const create: PageAction = async ({ api }, fields) => {
  const events = fields.getAll("events").filter(isWebhookType);
  const description = fields.get("description")?.trim() ?? "";
  const body = {
    url: fields.get("url")?.trim() ?? "",
    bots: fields.get("bots") === "exclude" ? ("exclude" as const) : ("include" as const),
    batch: Number(fields.get("batch") ?? "1"),
    ordered: fields.has("ordered"),
    ...(events.length === 0 ? {} : { events }),
    ...(description === "" ? {} : { description }),
  };
  const { id, secret } = await answered(api.POST("/v1/webhook-endpoints", { body }));
  return { path: `/webhooks/${encodeURIComponent(id)}?done=added`, once: secret };
};
