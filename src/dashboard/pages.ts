/** Every page of the dashboard. */
import { messages } from "./messages.tsx";
import { overview } from "./overview.tsx";
import type { DashboardPage } from "./page.ts";
import { messageOfIds, messageOfToken } from "./timeline.tsx";

export const PAGES: readonly DashboardPage[] = [overview, messages, messageOfToken, messageOfIds];
