/** Every page of the dashboard. */
import { clickMapPage } from "./click-map.tsx";
import { compare } from "./compare.tsx";
import { deliverability } from "./deliverability.tsx";
import { exports } from "./exports.tsx";
import { campaigns, emails } from "./group-list.tsx";
import { health } from "./health.tsx";
import { campaignPage, emailPage } from "./mailing-page.tsx";
import { messages } from "./messages.tsx";
import { overview } from "./overview.tsx";
import type { DashboardPage } from "./page.ts";
import { PEOPLE_PAGES } from "./people-pages.ts";
import { campaignRecipients, emailRecipients } from "./recipients.tsx";
import { suppressionsPage } from "./suppressions.tsx";
import { messageOfIds, messageOfToken } from "./timeline.tsx";
import { webhookEndpoint } from "./webhook-endpoint.tsx";
import { webhooks } from "./webhooks.tsx";

export const PAGES: readonly DashboardPage[] = [
  overview,
  // The messages, and one of them by its token or by its ids.
  messages,
  messageOfToken,
  messageOfIds,
  emails,
  emailPage,
  emailRecipients,
  compare,
  campaigns,
  campaignPage,
  campaignRecipients,
  deliverability,
  clickMapPage,
  suppressionsPage,
  webhooks,
  webhookEndpoint,
  exports,
  health,
  ...PEOPLE_PAGES,
];
