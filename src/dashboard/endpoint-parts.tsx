/** What the pages of webhooks share: the types of events, and the deliveries of an endpoint. */
import type { Schemas } from "../client/index.ts";
import { EmptyState, Pager } from "../web/components/content.tsx";
import { ActionForm } from "../web/components/form.tsx";
import { type Column, DataTable } from "../web/components/table.tsx";
import { LocalTime } from "../web/local-time.tsx";

type Delivery = Schemas["WebhookDelivery"];

const WEBHOOK_TYPES = {
  "email.sent": "Sent",
  "email.delivered": "Delivered",
  "email.hard_bounced": "Hard bounced",
  "email.soft_bounced": "Soft bounced",
  "email.opened": "Opened",
  "email.clicked": "Clicked",
  "email.unsubscribed": "Unsubscribed, complaints too",
  "email.complained": "Complaints",
  "email.subscribed": "Subscribed again",
  "email.retracted": "Retracted",
  "suppression.removed": "Suppression removed",
  "send.retry": "Retry due",
} as const;
type PostedType = keyof typeof WEBHOOK_TYPES;

export const EVENT_CHOICES = Object.entries(WEBHOOK_TYPES).map(([value, label]) => ({ value, label }));

export function isWebhookType(text: string): text is PostedType {
  return Object.hasOwn(WEBHOOK_TYPES, text);
}

const STATES: Readonly<Record<Delivery["state"], readonly [kind: string, words: string]>> = {
  delivered: ["good", "Accepted"],
  waiting: ["warning", "Tried again"],
  given_up: ["bad", "Given up"],
  skipped: ["warning", "Skipped"],
  stopped: ["", "Stopped"],
  filtered: ["", "Filtered"],
  replaced: ["", "Replaced"],
  failed: ["bad", "Not accepted"],
  deleted: ["bad", "May have been deleted before it was posted"],
};

export interface DeliveryTableProps {
  readonly deliveries: readonly Delivery[];
  readonly next: string | undefined;
  readonly url: URL;
  readonly zone: string;
}

export function DeliveryTable({ deliveries, next, url, zone }: DeliveryTableProps) {
  if (deliveries.length === 0 && next === undefined)
    return (
      <EmptyState title="Nothing was posted yet">
        <p>Post a sample of each type to see whether your system takes it.</p>
      </EmptyState>
    );
  const columns: readonly Column<Delivery>[] = [
    {
      label: "Last try",
      isName: true,
      cell: ({ lastTryAt }) => <LocalTime at={lastTryAt} zone={zone} exact="second" />,
    },
    { label: "Events", cell: (delivery) => <Posted delivery={delivery} /> },
    { label: "State", cell: (delivery) => <DeliveryState delivery={delivery} zone={zone} /> },
    { label: "Answer", cell: (delivery) => <Answer delivery={delivery} /> },
    { label: "Took", isNumber: true, cell: ({ durationMs }) => `${durationMs} ms` },
  ];
  return (
    <>
      <DataTable caption="Deliveries" columns={columns} rows={deliveries} />
      <Pager next={next} url={url} />
    </>
  );
}

function Posted({ delivery: { type, events, kind } }: { readonly delivery: Delivery }) {
  const what = type === "batch" ? `${events.length} events` : type;
  return (
    <>
      {what}
      {kind === "live" ? null : <span class="tag">{kind === "test" ? "sample" : "replay"}</span>}
    </>
  );
}

function DeliveryState({ delivery, zone }: { readonly delivery: Delivery; readonly zone: string }) {
  const { state, tries, nextTryAt, events, kind } = delivery;
  const [tag, words] = STATES[state];
  const [first] = events;
  return (
    <>
      <span class={`tag ${tag}`}>{words}</span> {tries > 1 ? `after ${tries} tries` : ""}
      {nextTryAt === undefined ? null : (
        <>
          {" "}
          next <LocalTime at={nextTryAt} zone={zone} exact="second" />
        </>
      )}
      {state === "waiting" && kind !== "test" && first !== undefined ? (
        <details>
          <summary>Skip it</summary>
          <p class="hint">Its events are not posted again, unless by a replay.</p>
          <ActionForm action="skip" button="Skip" kind="danger" fixed={{ event: first.id }} />
        </details>
      ) : null}
    </>
  );
}

function Answer({ delivery: { status, answer, error } }: { readonly delivery: Delivery }) {
  if (status === undefined) return <>{error ?? ""}</>;
  if (answer === undefined || answer === "") return <>{status}</>;
  return (
    <details>
      <summary>{status}</summary>
      <pre>{answer}</pre>
    </details>
  );
}
