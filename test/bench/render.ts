/**
 * Rendering a compiled template for new recipients, on one core, down to the bytes of each mail. The control replaces
 * as many placeholders in the same mail, by values of the same length, and signs nothing.
 */
import { compile } from "../../src/decorate/index.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { type Bench, median } from "./bench.ts";
import { newsletter } from "./newsletter.ts";

const ROUNDS = 15;
const A_ROUND = 10_000;
const encoder = new TextEncoder();
const buffer = new Uint8Array(100_000);
const KEYS = "1:dev:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const ORIGIN = "https://t.example.com";
const EMAIL = 1042;
const CAMPAIGN = 88012;
const FIRST_PERSON = 5_000_000;
const PERSON_DIGITS = 7;
/** A signed URL, or the message token of the header. */
const SIGNED = /https:\/\/t\.example\.com\/[cou]\/[\w-]+(?:\.gif)?|^[\w-]{40,}$/g;
const PLACEHOLDER = /\{\{(\d+)\}\}/g;

export const render: Bench = {
  name: "render",
  about: "rendering a compiled 30 KB template with 12 links, against substituting as many placeholders",
  async run(say) {
    const keys = parseTokenKeys(KEYS);
    if (!keys.ok) throw new Error(keys.reason);
    const template = compile({ html: newsletter() }, { keys: keys.value, origin: ORIGIN });
    const substitute = substitution(template.render({ email: EMAIL, person: FIRST_PERSON, campaign: CAMPAIGN }));
    let person = FIRST_PERSON;
    // As bytes, which a sender needs: a text that V8 has only promised to put together costs next to nothing.
    const bytes = ({ html = "" }: { readonly html?: string }) => encoder.encodeInto(html, buffer).written;
    const signToken = () => bytes(template.render({ email: EMAIL, person: person++, campaign: CAMPAIGN }));
    const control = () => bytes(substitute(String(person++)));
    const rounds: { rate: number; controlRate: number; cpuUs: number; controlCpuUs: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const [first, second] = round % 2 === 0 ? [control, signToken] : [signToken, control];
      const a = timed(first);
      const b = timed(second);
      const [ours, theirs] = round % 2 === 0 ? [b, a] : [a, b];
      say(`round ${round} of ${ROUNDS}: ${Math.round(ours.rate)}/s against ${Math.round(theirs.rate)}/s`);
      if (round > 0)
        rounds.push({
          rate: ours.rate,
          cpuUs: ours.cpuUs,
          controlRate: theirs.rate,
          controlCpuUs: theirs.cpuUs,
        });
    }
    return [
      {
        name: "rendering for a new recipient",
        value: median(rounds.map(({ rate }) => rate)),
        unit: "mails/s",
        control: median(rounds.map(({ controlRate }) => controlRate)),
        ratio: median(rounds.map(({ rate, controlRate }) => rate / controlRate)),
        goal: { atLeast: 0.5 },
        cpuUs: median(rounds.map(({ cpuUs }) => cpuUs)),
        controlCpuUs: median(rounds.map(({ controlCpuUs }) => controlCpuUs)),
      },
    ];
  },
};

function timed(work: () => number): { readonly rate: number; readonly cpuUs: number } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let characters = 0;
  for (let done = 0; done < A_ROUND; done++) characters += work();
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  // The sum is used, so that no mail is optimised away.
  if (characters < A_ROUND) throw new Error("the mails are empty");
  return { rate: (A_ROUND / elapsedMs) * 1000, cpuUs: (user + system) / A_ROUND };
}

/**
 * What a mail merge does with the same mail: it finds and replaces the placeholders in the template and in the
 * headers for each recipient. The values are as long as the signed ones and end in the recipient's id; none is
 * signed.
 */
function substitution(copy: { readonly html?: string; readonly headers: Readonly<Record<string, string>> }) {
  const values: string[] = [];
  const withPlaceholders = (text: string) =>
    text.replace(SIGNED, (value) => `{{${values.push(value.slice(0, -PERSON_DIGITS)) - 1}}}`);
  const html = withPlaceholders(copy.html ?? "");
  const headers = Object.entries(copy.headers).map(([name, value]) => [name, withPlaceholders(value)] as const);
  return (person: string) => {
    const fill = (text: string) => text.replace(PLACEHOLDER, (_, index) => values[index] + person);
    return {
      html: fill(html),
      headers: Object.fromEntries(headers.map(([name, value]) => [name, fill(value)])),
    };
  };
}
