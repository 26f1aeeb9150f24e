/**
 * What may stand beside "user unknown" without meaning something else: advice, whole sentences, a name or a number. A
 * few words that are not known ("staff only", "for 24 hours") may be the real reason, and words for reasons have no
 * end; so does one word for a state ("locked"), which could be a name.
 */
import { anyOf } from "./pattern.ts";
import { isPlain, wordsIn } from "./plain-words.ts";

/** What servers tell people to do, and where to read on. */
const ADVICE = anyOf([
  "^(?:and |or |otherwise )?(?:please )?(?:try )?(?:(?:double-?)?check(?:ing)?|verify|confirm|make sure|ensure|" +
    "retype|" +
    "resend|look|visit|refer|see|go to|learn more|find|type|use the|correct|update)\\b",
  "^(?:and |or )?(?:please )?(?:contact|ask|call) (?:the|your|their|our)\\b|^please try$|^please try forward-path\\b",
  "^(?:for|to) (?:more|further|find|get|learn|help|assistance)\\b|^if\\b|^you (?:can|may|will|should|must)\\b",
  "^(?:in|as an?) (?:reply|response|answer) to\\b|^(?:best|kind) regards|^(?:other )?mxes tried|^while talking to",
]);

/** What a server tells in front of a reason, or of its own work. */
const INTRODUCTION = anyOf([
  "^(?:your |the |this )?(?:message|mail|e-?mail|delivery) (?:was|is|has|could|cannot|can|not|rejected|refused|" +
    "failed)\\b",
  "^(?:the )?(?:(?:remote|server|smtp) )?(?:response|reply|error|reason|answer)" +
    "(?:$| (?:was|is|from|of|message|code|text|given|for this|for the)\\b)|^v?deliver$|^the following\\b",
  "^(?:begin|end|session) (?:of )?(?:transcript|session|message)\\b",
  "^technical details\\b|^(?:authoritative answer|no data)\\b|^\\S{1,40} said for rcpt to\\b",
]);

/** One word that tells why, and is no name. */
const STATES = new Set(
  (
    "today tonight tomorrow soon shortly away absent vacation locked private protected reserved hidden confidential " +
    "guarded parked sleeping unconfirmed unverified provisioning limited flagged members subscribers friends staff " +
    "students employees trusted contacts vpn size full space storage disk memory load volume speed flood burst limit " +
    "points bayes signature hash fingerprint pattern regex rule terms law legal court stop campaign trojan worm " +
    "ransom exploit ban tarpit teergrube decoy fake test testing demo debug example simulation bug crash exception " +
    "broken corrupt damaged index sql cache stale sync replication backend frontend upstream downstream proxy " +
    "connector route routing transport queue spool scheduler worker dialup residential country region geo language " +
    "charset encoding html duplicate hop group wildcard catch-all upgrade abroad signer sender billing unpaid audit"
  ).split(" "),
);

/** Sentences of so many words say what they say: a contradiction in them is looked for by its phrases. */
const MIN_SENTENCE_WORDS = 7;

/** Also in front of a colon. */
export const introduces = (clause: string) => INTRODUCTION.test(clause) || ADVICE.test(clause);

export const isState = (clause: string) => STATES.has(clause);

/** Whether a clause beside what is said of a recipient leaves it its meaning, as far as its words show. */
export function saysNothingElse(clause: string): boolean {
  if (isPlain(clause) || introduces(clause)) return true;
  const words = wordsIn(clause);
  return words.length === 1 ? !STATES.has(words[0] ?? "") : words.length >= MIN_SENTENCE_WORDS;
}
