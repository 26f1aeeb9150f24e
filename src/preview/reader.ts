/** Invented readers of the sample email, and what they read. */

export interface Reader {
  readonly name: string;
  /** A random id. */
  readonly person: string;
  /** Unique: two readers with one address would share their unsubscription. */
  readonly address: string;
}

const NAMES = [
  "Amy Clark",
  "Marie Dupont",
  "Jonas Weber",
  "Lucia Ortega",
  "Giulia Conti",
  "Ana Sousa",
  "Sanne Visser",
] as const;

const PERSON_IDS = 1_000_000_000;

const PERSON = /^[0-9]{1,9}$/;

export const SAMPLE_EMAIL = { id: "1042", name: "The last harvest is in" } as const;
/** What a developer pastes. */
export const OWN_EMAIL = { id: "1043", name: "An email of your own" } as const;
export const SAMPLE_CAMPAIGN = { id: "88012", name: "Letters of November" } as const;

/** The ids of the mailings that a developer's machine begins with (src/dev/sample/mailings.ts). */
export const SAMPLE_HISTORY: Readonly<Record<"email" | "campaign", readonly string[]>> = {
  email: ["2001", "2002", "2003", "2004", "2005"],
  campaign: ["501", "502", "503"],
};

/** The id of somebody who has opened nothing yet. */
export function newReaderId(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return String(random % PERSON_IDS);
}

/** The reader with an id; undefined for what is the id of none. */
export function readerOf(person: string): Reader | undefined {
  if (!PERSON.test(person)) return undefined;
  const name = NAMES[Number(person) % NAMES.length] ?? NAMES[0];
  return { name, person, address: `${name.toLowerCase().replace(" ", ".")}.${person}@example.com` };
}
