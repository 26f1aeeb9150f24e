/** The pages about people: who is looked for, one person, and how far an erasure is. */
import { erasure } from "./erasure.tsx";
import type { DashboardPage } from "./page.ts";
import { people } from "./people.tsx";
import { person } from "./person.tsx";

export const PEOPLE_PAGES: readonly DashboardPage[] = [people, person, erasure];
