/** Every page of the dashboard. */
import { overview } from "./overview.tsx";
import type { DashboardPage } from "./page.ts";

export const PAGES: readonly DashboardPage[] = [overview];
