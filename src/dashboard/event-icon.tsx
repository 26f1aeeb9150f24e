/** The icon of an event beside a timeline: people's, bots' and servers' differ by shape, not by colour alone. */

export type IconKind = "sent" | "accepted" | "deferred" | "refused" | "person" | "bot";

/** In a box of 24 × 24. */
const SHAPES: Readonly<Record<IconKind, string>> = {
  sent: "M4 12h13M12 6l6 6-6 6",
  accepted: "M5 12.5l4.5 4.5L19 7.5",
  deferred: "M12 3a9 9 0 1 0 .01 0M12 7.5V12.5l3 2",
  refused: "M7 7l10 10M17 7L7 17",
  person: "M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  bot: "M6 9h12v10H6zM12 9V5M9.5 13v1.5M14.5 13v1.5",
};

export function EventIcon({ kind }: { readonly kind: IconKind }) {
  return (
    <svg class={`event-icon ${kind}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[kind]} />
    </svg>
  );
}
