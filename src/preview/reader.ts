/** People who do not exist, to read the sample email. */

export interface Reader {
  readonly name: string;
  /** An id that nobody has had before, as far as chance can tell. */
  readonly person: string;
  /** Theirs alone: an address that two had would carry an unsubscription from one to the other. */
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

const IDS = 1_000_000_000;

export function newReader(): Reader {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const person = String(random % IDS);
  const name = NAMES[random % NAMES.length] ?? NAMES[0];
  return {
    name,
    person,
    address: `${name.toLowerCase().replace(" ", ".")}.${person}@example.com`,
  };
}
