/** The mailings of the sample history: three campaigns, five emails. */

export interface SampleMailing {
  readonly email: { readonly id: number; readonly name: string };
  readonly campaign: { readonly id: number; readonly name: string };
  /** Days before now; the hour is the sender's morning. */
  readonly daysAgo: number;
  /** The share of people who get it. */
  readonly reach: number;
  /** How much it is liked: 1 is usual. */
  readonly appeal: number;
}

const LETTERS = { id: 501, name: "Monthly letter" };
const AUTUMN = { id: 502, name: "Autumn sale" };
const WELCOME = { id: 503, name: "Welcome" };

export const MAILINGS: readonly SampleMailing[] = [
  { email: { id: 2001, name: "Welcome to the house" }, campaign: WELCOME, daysAgo: 29, reach: 0.25, appeal: 1.4 },
  { email: { id: 2002, name: "October letter" }, campaign: LETTERS, daysAgo: 24, reach: 1, appeal: 1 },
  { email: { id: 2003, name: "Autumn sale: first look" }, campaign: AUTUMN, daysAgo: 15, reach: 0.8, appeal: 1.1 },
  { email: { id: 2004, name: "Autumn sale: last days" }, campaign: AUTUMN, daysAgo: 8, reach: 0.7, appeal: 0.7 },
  { email: { id: 2005, name: "The last harvest is in" }, campaign: LETTERS, daysAgo: 2, reach: 1, appeal: 1.2 },
];
