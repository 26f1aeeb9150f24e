/** The dashboard's navigation: the pages that the viewer may see. */
import type { Scope } from "../access/scope.ts";
import type { NavigationLink } from "../web/components/app-document.tsx";
import type { Visit } from "./visit.ts";

interface Destination {
  readonly label: string;
  /** The path behind /app. Pages below it belong to it. */
  readonly path: string;
  readonly scope: Scope;
}

const DESTINATIONS: readonly Destination[] = [
  { label: "Overview", path: "", scope: "read" },
  { label: "Messages", path: "/messages", scope: "read" },
  { label: "Emails", path: "/emails", scope: "read" },
  { label: "Campaigns", path: "/campaigns", scope: "read" },
  { label: "Deliverability", path: "/deliverability", scope: "read" },
  { label: "Suppressions", path: "/suppressions", scope: "send" },
  { label: "Webhooks", path: "/webhooks", scope: "admin" },
  { label: "Exports", path: "/exports", scope: "read" },
  { label: "People", path: "/people", scope: "admin" },
  { label: "Health", path: "/health", scope: "admin" },
];

/** A page of developers' machines alone. */
const TRY_IT: Destination = { label: "Try it", path: "/try", scope: "admin" };

type Seen = Pick<Visit, "viewer" | "url" | "developersKey">;

export function navigationFor({ viewer, url, developersKey }: Seen): readonly NavigationLink[] {
  const destinations = developersKey === undefined ? DESTINATIONS : [...DESTINATIONS, TRY_IT];
  return destinations
    .filter(({ scope }) => viewer.may(scope))
    .map(({ label, path }) => ({ label, href: `/app${path}`, isCurrent: isWithin(url.pathname, path) }));
}

function isWithin(pathname: string, path: string): boolean {
  if (path === "") return pathname === "/app";
  return pathname === `/app${path}` || pathname.startsWith(`/app${path}/`);
}
