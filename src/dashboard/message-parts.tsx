/** How pages write a message: its status, what people and bots did, and the addresses of what it is about. */
import type { Schemas } from "../client/index.ts";
import { countWords } from "../web/format.ts";

type Message = Schemas["Message"];
type Status = Message["status"];

const STATUSES = {
  delivered: { label: "Delivered", kind: "good" },
  hard_bounced: { label: "Hard bounced", kind: "bad" },
  soft_bounced: { label: "Soft bounced", kind: "warning" },
  pending: { label: "Pending", kind: undefined },
  no_response: { label: "No response", kind: "warning" },
} as const satisfies Record<Status, { readonly label: string; readonly kind: string | undefined }>;

export const STATUS_CHOICES = Object.entries(STATUSES).map(([value, { label }]) => ({ value, label }));

export function StatusTag({ status }: { readonly status: Status }) {
  const { label, kind } = STATUSES[status];
  return <span class={kind === undefined ? "tag" : `tag ${kind}`}>{label}</span>;
}

interface Named {
  readonly id: number | string;
  readonly name?: string;
}

export const MAILING_LABELS = { email: "Email", campaign: "Campaign" } as const;

/** Its name, or "Email 1042". */
export function nameOf({ id, name }: Named, by: keyof typeof MAILING_LABELS): string {
  return name ?? `${MAILING_LABELS[by]} ${id}`;
}

/** Their address, or "Person 7". */
export function whoOf({ id, address }: Schemas["Person"]): string {
  return address ?? `Person ${id}`;
}

/** The page of an email or a campaign. */
export function mailingPath(by: keyof typeof MAILING_LABELS, id: Named["id"]): string {
  return `/app/${by}s/${encodeURIComponent(id)}`;
}

/** The page of a message, below /app: by its reference, since a viewer may not be shown whose it is. */
export function messagePath({ message }: Pick<Message, "message">): `/${string}` {
  return `/messages/${message}`;
}

/** What people did, and what bots did: "Opened, 2 clicks". */
export function activityWords({ opened, openedByPixel, clicks, unsubscribed, complained, bots }: Message) {
  const people = [
    openedByPixel || (opened && clicks === 0 && !unsubscribed) ? ["Opened"] : [],
    clicks > 0 ? [countWords(clicks, "click")] : [],
    complained ? ["Reported as spam"] : unsubscribed ? ["Unsubscribed"] : [],
  ].flat();
  const byBots = [bots.opened ? ["opened"] : [], bots.clicks > 0 ? [countWords(bots.clicks, "click")] : []].flat();
  return { people: people.join(", "), bots: byBots.join(", ") };
}
