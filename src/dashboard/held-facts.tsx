/** How much is held about people, by kind. */
import type { Schemas } from "../client/index.ts";
import { AddressText } from "../web/components/address-text.tsx";
import { Facts } from "../web/components/content.tsx";
import { formatCount } from "../web/format.ts";

type Held = Schemas["Held"];

const EVENTS: Readonly<Record<string, string>> = {
  sent: "Sends",
  delivered: "Deliveries",
  hard_bounced: "Hard bounces",
  soft_bounced: "Soft bounces",
  opened: "Opens",
  clicked: "Clicks",
  unsubscribed: "Unsubscriptions",
  subscribed: "Subscriptions",
  suppression_removed: "Removals from the suppressions",
  retry: "Retries due",
  retracted: "Events that count no more",
};

export function HeldFacts({ held }: { readonly held: Held }) {
  const { addresses, messages, events, retries, suppressions, lifts } = held;
  const counted = Object.entries(EVENTS).map(([type, label]) => [label, events[type] ?? 0] as const);
  const counts = [
    ["Messages", messages],
    ...counted,
    ["Schedules of retries", retries],
    ["Suppressions", suppressions],
    ["Lifts of suppressions", lifts],
  ] as const;
  return (
    <Facts
      facts={[
        { label: addresses.length === 1 ? "Address" : "Addresses", value: <Addresses addresses={addresses} /> },
        ...counts.flatMap(([label, count]) => (count === 0 ? [] : [{ label, value: formatCount(count) }])),
      ]}
    />
  );
}

function Addresses({ addresses }: { readonly addresses: readonly string[] }) {
  if (addresses.length === 0) return <>None is known</>;
  return (
    <>
      {addresses.map((address) => (
        <span class="line">
          <AddressText address={address} />
        </span>
      ))}
    </>
  );
}
