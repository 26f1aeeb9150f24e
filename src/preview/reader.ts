/** Invented readers of the sample email. */

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

export function newReader(): Reader {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const person = String(random % PERSON_IDS);
  const name = NAMES[random % NAMES.length] ?? NAMES[0];
  return {
    name,
    person,
    address: `${name.toLowerCase().replace(" ", ".")}.${person}@example.com`,
  };
}
