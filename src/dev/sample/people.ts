/** Invented recipients of the sample history. Their domains are reserved (RFC 2606): nobody reads mail there. */

export interface SamplePerson {
  readonly id: string;
  readonly address: string;
  /** What their mail is read with; also what decides how quickly a server takes mail. */
  readonly domain: SampleDomain;
}

export type SampleDomain = (typeof DOMAINS)[number];

/** The first ones have most people. */
const DOMAINS = [
  "gmail.example",
  "outlook.example",
  "yahoo.example",
  "icloud.example",
  "web.example",
  "university.example",
  "bank.example",
] as const;

const GIVEN = ["amy", "jonas", "lucia", "giulia", "ana", "sanne", "marie", "samir", "yuki", "noor", "piotr", "elif"];
const FAMILY = ["clark", "weber", "ortega", "conti", "sousa", "visser", "dupont", "haddad", "sato", "khan", "nowak"];

const FIRST_ID = 4_000;

/** `count` people, always the same. @param random from 0 up to 1 */
export function samplePeople(count: number, random: () => number): readonly SamplePerson[] {
  return Array.from({ length: count }, (_, index) => {
    // The square prefers the first.
    const domain = DOMAINS[Math.floor(random() ** 2 * DOMAINS.length)] ?? DOMAINS[0];
    const name = `${GIVEN[index % GIVEN.length]}.${FAMILY[index % FAMILY.length]}`;
    return { id: String(FIRST_ID + index), address: `${name}.${index}@${domain}`, domain };
  });
}
