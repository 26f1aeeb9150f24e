/** Addresses as mail servers write them in reports. */

/** An address in running text. Quoted local parts are not found. */
export const ADDRESS = "[^\\s<>@\"'(),:;\\[\\]]{1,64}@[^\\s<>@\"'(),:;\\[\\]]{1,255}";

/** The same among Chinese and Japanese words, which no space parts from it: their characters are left out. */
export const ADDRESS_AMONG_WORDS = ADDRESS.replaceAll("\\]]", "\\]\\u3000-\\u9fff\\uff00-\\uffef]");

const END_OF_SENTENCE = /[.!?]{1,20}$/;
const BARE = new RegExp(ADDRESS);

/** The first address in "rfc822; <marie@example.com>" or "Marie <marie@example.com>", as it is spelled. */
export function addressIn(text: string): string | undefined {
  return BARE.exec(text.slice(0, 1_000))?.[0].replace(END_OF_SENTENCE, "");
}

export function addressesIn(text: string): readonly string[] {
  return [...text.slice(0, 10_000).matchAll(new RegExp(ADDRESS, "g"))].map(([address]) => address);
}

export function addressesAmongWords(text: string): readonly string[] {
  const found = text.slice(0, 10_000).matchAll(new RegExp(ADDRESS_AMONG_WORDS, "g"));
  return [...found].map(([address]) => address.replace(END_OF_SENTENCE, ""));
}

/** Contacts for help. Any of them may be a recipient, too. */
const HELP = /^(?:postmaster|mailer-daemon|abuse|support|helpdesk|help|hostmaster|noc|admin)@/i;

export const isHelp = (address: string) => HELP.test(address);

export const isSameAddress = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/**
 * Whether two addresses are probably the same mailbox: a server may write its host for the domain
 * (marie@mail.example.com for marie@example.com).
 */
export function isSameMailbox(a: string, b: string): boolean {
  const [nameA, domainA = ""] = a.toLowerCase().split("@");
  const [nameB, domainB = ""] = b.toLowerCase().split("@");
  return nameA === nameB && (domainA === domainB || domainA.endsWith(`.${domainB}`) || domainB.endsWith(`.${domainA}`));
}
