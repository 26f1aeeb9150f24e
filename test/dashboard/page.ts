/** What a page of the dashboard says, read from its HTML. */
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from "parse5";
import { ask } from "../worker.ts";
import { signedIn, withSession } from "./browser.ts";

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

export class ShownPage {
  readonly status: number;
  readonly html: string;
  readonly #root: Node;

  constructor(status: number, html: string) {
    this.status = status;
    this.html = html;
    this.#root = parse(html);
  }

  all(name: string): readonly Element[] {
    return elementsOf(this.#root, name);
  }

  /** The first words of an element of this name. */
  text(name: string): string {
    const [first] = this.all(name);
    return first === undefined ? "" : textOf(first);
  }

  /** Figures by their labels: "Sent" → ["1,841", "…"]. */
  get figures(): Readonly<Record<string, readonly string[]>> {
    const lists = this.all("dl").filter((list) => attributeOf(list, "class") === "figures");
    const entries = lists.flatMap((list) => elementsOf(list, "div"));
    return Object.fromEntries(
      entries.map((entry) => {
        const [label = "", ...details] = elementsOf(entry)
          .filter(({ tagName }) => tagName === "dt" || tagName === "dd")
          .map(textOf);
        return [label, details];
      }),
    );
  }

  /** The rows of the table with this caption, each by its headings; none without the table. */
  table(caption: string): readonly Readonly<Record<string, string>>[] {
    const [head = [], ...body] = cellsOf(this.#root, caption) ?? [];
    return body.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ""])));
  }

  /** The addresses of links by their texts. */
  get links(): ReadonlyMap<string, string> {
    return new Map(this.all("a").map((link) => [textOf(link), attributeOf(link, "href") ?? ""]));
  }
}

/** A page as somebody sees it who has signed in. */
export async function shownPage(path: string, token?: string): Promise<ShownPage> {
  const answer = await ask(path, { headers: withSession(token ?? (await signedIn())) });
  return new ShownPage(answer.status, await answer.text());
}

/** The page of an answer, for those who look at its elements. */
export async function pageOf(answer: Response): Promise<Node> {
  return parse(await answer.text());
}

/** The cells of each row of the table with this caption, its head first. */
export function tableOf(page: Node, caption: string): readonly string[][] {
  const cells = cellsOf(page, caption);
  if (cells === undefined) throw new Error(`no table is called "${caption}"`);
  return cells;
}

function cellsOf(page: Node, caption: string): readonly string[][] | undefined {
  const hasCaption = (table: Element) => elementsOf(table, "caption").some((each) => textOf(each) === caption);
  const table = elementsOf(page, "table").find(hasCaption);
  const isCell = ({ tagName }: Element) => tagName === "th" || tagName === "td";
  return table && elementsOf(table, "tr").map((row) => elementsOf(row).filter(isCell).map(textOf));
}

/** The elements of a page or a part of it in their order: all, or those of a name. */
export function elementsOf(node: Node, name?: string): readonly Element[] {
  if (!("childNodes" in node)) return [];
  const all = node.childNodes.flatMap((child): readonly Element[] =>
    defaultTreeAdapter.isElementNode(child) ? [child, ...elementsOf(child)] : [],
  );
  return name === undefined ? all : all.filter(({ tagName }) => tagName === name);
}

export function attributeOf({ attrs }: Element, name: string): string | undefined {
  return attrs.find((each) => each.name === name)?.value;
}

/** The words in it, with one space between those of different elements. */
export function textOf(node: Node): string {
  return wordsIn(node).join(" ").replace(/\s+/g, " ").trim();
}

function wordsIn(node: Node): readonly string[] {
  if (defaultTreeAdapter.isTextNode(node)) return [node.value];
  return "childNodes" in node ? node.childNodes.flatMap(wordsIn) : [];
}
