/** What the mail servers of the sample history answer, in the words of real ones. */
import type { SampleDomain } from "./people.ts";

export interface SampleReply {
  readonly isHard: boolean;
  readonly status: string;
  readonly words: string;
}

const UNKNOWN: SampleReply = {
  isHard: true,
  status: "5.1.1",
  words: "550 5.1.1 The email account that you tried to reach does not exist.",
};
const FULL: SampleReply = {
  isHard: false,
  status: "4.2.2",
  words: "452 4.2.2 The recipient's inbox is out of storage.",
};
const BLOCKED: SampleReply = {
  isHard: true,
  status: "5.7.1",
  words: "554 5.7.1 Service unavailable; client host blocked using a list of spam sources.",
};
const RATE_LIMITED: SampleReply = {
  isHard: false,
  status: "4.7.28",
  words:
    "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To " +
    "protect our users from spam, mail sent from your IP address has been temporarily rate limited.",
};
const BUSY: SampleReply = { isHard: false, status: "4.3.2", words: "451 4.3.2 Server busy. Please try again later." };
const GREYLISTED: SampleReply = { isHard: false, status: "4.7.1", words: "450 4.7.1 Greylisted, please try again." };

/** By domain: replies, each with the chance up to which it is given. The rest is accepted. */
const REPLIES: Readonly<Partial<Record<SampleDomain, readonly (readonly [chance: number, reply: SampleReply])[]>>> = {
  "gmail.example": [
    [0.018, UNKNOWN],
    [0.026, FULL],
    [0.07, RATE_LIMITED],
  ],
  "outlook.example": [
    [0.02, UNKNOWN],
    [0.045, BUSY],
  ],
  "yahoo.example": [
    [0.03, UNKNOWN],
    [0.042, FULL],
  ],
  "university.example": [
    [0.04, UNKNOWN],
    [0.16, GREYLISTED],
  ],
  "bank.example": [
    [0.02, UNKNOWN],
    [0.09, BLOCKED],
  ],
};

/** Undefined: the mail was accepted. @param chance from 0 up to 1 */
export function replyOf(domain: SampleDomain, chance: number): SampleReply | undefined {
  return REPLIES[domain]?.find(([upTo]) => chance < upTo)?.[1];
}
