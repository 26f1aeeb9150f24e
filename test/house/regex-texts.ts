/** What a regular expression has in it, of which texts can be made that give it most work. */
import { type AST, visitRegExpAST } from "@eslint-community/regexpp";

/** Whether it repeats anything: without that, a text costs its length. */
export function repeats(alternative: AST.Alternative): boolean {
  const isRepeat = (element: AST.Element | AST.QuantifiableElement): boolean => {
    switch (element.type) {
      case "Quantifier":
        return element.max > 1 || isRepeat(element.element);
      case "Group":
      case "CapturingGroup":
        return element.alternatives.some(repeats);
      default:
        return false;
    }
  };
  return alternative.elements.some(isRepeat);
}

/** The texts that an alternative is made of: its literals, in order, and a character of each class. */
export function literalsOf(alternative: AST.Alternative): readonly string[] {
  const literals: string[] = [];
  let open = "";
  const close = () => {
    if (open !== "") literals.push(open);
    open = "";
  };
  const visit = (element: AST.Element | AST.QuantifiableElement): void => {
    switch (element.type) {
      case "Character":
        open += String.fromCodePoint(element.value);
        return;
      case "Quantifier":
        visit(element.element);
        return;
      case "Group":
      case "CapturingGroup":
        for (const { elements } of element.alternatives) {
          close();
          for (const each of elements) visit(each);
        }
        close();
        return;
      case "CharacterSet":
      case "CharacterClass":
        close();
        literals.push(exampleOf(element.raw));
        return;
      default:
        return;
    }
  };
  for (const element of alternative.elements) visit(element);
  close();
  return [...new Set(literals)];
}

/** The characters that classes of an alternative name, each: what one class takes, another pattern's may not. */
export function namedCharactersOf(alternative: AST.Alternative): readonly string[] {
  const named = new Set<string>();
  visitRegExpAST(alternative, {
    onCharacterClassEnter({ negate, elements }) {
      if (negate) return;
      for (const each of elements) if (each.type === "Character") named.add(String.fromCodePoint(each.value));
    },
  });
  return [...named];
}

/** The most that one repetition of an alternative may repeat, of those with a limit; 1 without such. */
export function limitOf(alternative: AST.Alternative): number {
  let limit = 1;
  visitRegExpAST(alternative, {
    onQuantifierEnter({ max }) {
      if (Number.isFinite(max)) limit = Math.max(limit, max);
    },
  });
  return limit;
}

/** A text that leads to a repetition, and what it repeats: the repetition has most work with many of it. */
export interface Pump {
  readonly prefix: string;
  readonly unit: string;
}

/** The pumps of all repetitions, nested ones too. */
export function pumpsOf(alternative: AST.Alternative, before = ""): readonly Pump[] {
  const pumps: Pump[] = [];
  let prefix = before;
  for (const element of alternative.elements) {
    const repeated = element.type === "Quantifier" ? element.element : element;
    const alternatives = "alternatives" in repeated ? repeated.alternatives : [];
    if (element.type === "Quantifier" && element.max > 1) {
      const units = alternatives.length > 0 ? alternatives.map(exampleText) : [exampleOfElement(repeated)];
      for (const unit of units) if (unit !== "") pumps.push({ prefix, unit });
    }
    for (const each of alternatives) pumps.push(...pumpsOf(each, prefix));
    prefix += exampleOfElement(element);
  }
  return pumps;
}

/** A text that an alternative matches, or nearly. */
const exampleText = ({ elements }: AST.Alternative): string => elements.map(exampleOfElement).join("");

function exampleOfElement(element: AST.Element | AST.QuantifiableElement): string {
  switch (element.type) {
    case "Character":
      return String.fromCodePoint(element.value);
    case "CharacterSet":
    case "CharacterClass":
      return exampleOf(element.raw);
    case "Quantifier":
      return exampleOfElement(element.element).repeat(Math.max(1, Math.min(element.min, 100)));
    case "Group":
    case "CapturingGroup": {
      const [first] = element.alternatives;
      return first === undefined ? "" : exampleText(first);
    }
    default:
      return "";
  }
}

const exampleOf = (raw: string) =>
  [..."a1 .-<\n(,ä"].find((character) => new RegExp(`^${raw}$`).test(character)) ?? "a";
