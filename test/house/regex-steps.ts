/**
 * A regular expression run by the book, by backtracking, so that its steps can be counted: the number does not depend
 * on the machine. Supports what this project's patterns use; anything else throws.
 */
import { type AST, parseRegExpLiteral } from "@eslint-community/regexpp";

type Next = (at: number) => boolean;
type Matcher = (at: number, next: Next) => boolean;
type Single = (character: string) => boolean;

interface Run {
  readonly text: string;
  readonly maxSteps: number;
  steps: number;
}

export const alternativesOf = (pattern: RegExp): readonly AST.Alternative[] =>
  parseRegExpLiteral(pattern).pattern.alternatives;

/** The steps of a search of one alternative through all of `text`; it ends when they are some more than `maxSteps`. */
export function stepsOf(alternative: AST.Alternative, flags: string, text: string, maxSteps: number): number {
  const run: Run = { text: flags.includes("i") ? text.toLowerCase() : text, maxSteps, steps: 0 };
  const matcher = sequence(alternative.elements, run, flags);
  for (let at = 0; at <= text.length && run.steps < run.maxSteps; at++) {
    let end: number | undefined;
    const found = matcher(at, (stop) => {
      end = stop;
      return true;
    });
    // A global pattern goes on behind its match.
    if (found && !flags.includes("g")) break;
    if (found && end !== undefined && end > at) at = end - 1;
  }
  return run.steps;
}

function sequence(elements: readonly AST.Element[], run: Run, flags: string): Matcher {
  const matchers = elements.map((element) => matcherOf(element, run, flags));
  return matchers.reduceRight<Matcher>(
    (rest, first) => (at, next) => first(at, (stop) => rest(stop, next)),
    (at, next) => next(at),
  );
}

function choice(alternatives: readonly AST.Alternative[], run: Run, flags: string): Matcher {
  const matchers = alternatives.map(({ elements }) => sequence(elements, run, flags));
  return (at, next) => matchers.some((matcher) => matcher(at, next));
}

function matcherOf(element: AST.Element, run: Run, flags: string): Matcher {
  const single = singleOf(element, flags);
  if (single !== undefined) {
    return (at, next) => {
      run.steps++;
      const character = run.text[at];
      return character !== undefined && run.steps < run.maxSteps && single(character) && next(at + 1);
    };
  }
  switch (element.type) {
    case "Group":
    case "CapturingGroup":
      return choice(element.alternatives, run, flags);
    case "Quantifier":
      return repeated(element, run, flags);
    case "Assertion":
      return asserted(element, run, flags);
    default:
      throw new Error(`no steps for ${element.type}: ${element.raw}`);
  }
}

function repeated({ element, min, max, greedy }: AST.Quantifier, run: Run, flags: string): Matcher {
  const single = singleOf(element, flags);
  if (single !== undefined) return repeatedSingle(single, { min, max, greedy }, run);
  const once = matcherOf(element, run, flags);
  const again = (count: number, at: number, next: Next): boolean => {
    run.steps++;
    if (run.steps >= run.maxSteps) return false;
    const more = () => count < max && once(at, (stop) => stop > at && again(count + 1, stop, next));
    const enough = () => count >= min && next(at);
    return greedy ? more() || enough() : enough() || more();
  };
  return (at, next) => again(0, at, next);
}

interface Times {
  readonly min: number;
  readonly max: number;
  readonly greedy: boolean;
}

function repeatedSingle(single: Single, { min, max, greedy }: Times, run: Run): Matcher {
  return (at, next) => {
    let end = at;
    for (let count = 0; count < max; count++, end++) {
      run.steps++;
      const character = run.text[end];
      if (character === undefined || !single(character)) break;
    }
    for (let nth = 0; nth <= end - at - min; nth++) {
      run.steps++;
      if (run.steps >= run.maxSteps) return false;
      if (next(greedy ? end - nth : at + min + nth)) return true;
    }
    return false;
  };
}

function asserted(assertion: AST.Assertion, run: Run, flags: string): Matcher {
  const holds = assertionOf(assertion, run, flags);
  return (at, next) => {
    run.steps++;
    return holds(at) && next(at);
  };
}

const isWord = (character: string | undefined) => character !== undefined && classOf("\\w", "")(character);

function assertionOf(assertion: AST.Assertion, run: Run, flags: string): (at: number) => boolean {
  const { text } = run;
  switch (assertion.kind) {
    case "start":
      return (at) => at === 0 || (flags.includes("m") && text[at - 1] === "\n");
    case "end":
      return (at) => at === text.length || (flags.includes("m") && text[at] === "\n");
    case "word":
      return (at) => (isWord(text[at - 1]) !== isWord(text[at])) !== assertion.negate;
    case "lookahead": {
      const ahead = choice(assertion.alternatives, run, flags);
      return (at) => ahead(at, () => true) !== assertion.negate;
    }
    case "lookbehind": {
      const behind = assertion.alternatives.map(({ elements, raw }) => ({
        length: elements.every((element) => element.type !== "Quantifier") ? lengthOf(elements, raw) : undefined,
        matcher: sequence(elements, run, flags),
      }));
      const starts = (at: number, length: number | undefined) =>
        length === undefined ? Array.from({ length: Math.min(at, 20) + 1 }, (_, back) => at - back) : [at - length];
      return (at) =>
        behind.some(({ length, matcher }) =>
          starts(at, length).some((start) => start >= 0 && matcher(start, (stop) => stop === at)),
        ) !== assertion.negate;
    }
  }
}

/** Of a lookbehind without quantifiers and groups; undefined when it may vary. */
function lengthOf(elements: readonly AST.Element[], raw: string): number | undefined {
  const isFixed = elements.every(({ type }) => type.startsWith("Character") || type === "Assertion");
  if (!isFixed) return undefined;
  const length = elements.filter(({ type }) => type !== "Assertion").length;
  return raw === "" ? 0 : length;
}

/** For elements that take exactly one character. */
function singleOf(element: AST.Element | AST.QuantifiableElement, flags: string): Single | undefined {
  switch (element.type) {
    case "Character":
      return isCharacter(element, flags);
    case "CharacterSet":
    case "CharacterClass":
      return classOf(element.raw, flags.includes("i") ? "i" : "");
    default:
      return undefined;
  }
}

const classes = new Map<string, Single>();

/** The engine itself decides about one character, once. */
function classOf(raw: string, flags: string): Single {
  const known = classes.get(`${raw}/${flags}`);
  if (known !== undefined) return known;
  const pattern = new RegExp(`^${raw}$`, flags);
  const characters = new Map<string, boolean>();
  const single = (character: string) => {
    const is = characters.get(character) ?? pattern.test(character);
    characters.set(character, is);
    return is;
  };
  classes.set(`${raw}/${flags}`, single);
  return single;
}

function isCharacter({ value }: AST.Character, flags: string): Single {
  const expected = flags.includes("i") ? String.fromCodePoint(value).toLowerCase() : String.fromCodePoint(value);
  return (character) => character === expected;
}
