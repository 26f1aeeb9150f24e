/** The pages about people: who is looked for, one person, and how far an erasure is. */
import { erasure } from "./erasure.tsx";
import type { DashboardPage } from "./page.ts";
import { peoplePage } from "./people.tsx";
import { personPage } from "./person.tsx";

export const PEOPLE_PAGES: readonly DashboardPage[] = [peoplePage, personPage, erasure];
