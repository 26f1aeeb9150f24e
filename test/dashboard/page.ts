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
    return elementsIn(this.#root).filter(({ tagName }) => tagName === name);
  }

  /** The first words of an element of this name. */
  text(name: string): string {
    const [first] = this.all(name);
    return first === undefined ? "" : textOf(first);
  }

  /** Figures by their labels: "Sent" → ["1,841", "…"]. */
  get figures(): Readonly<Record<string, readonly string[]>> {
    const lists = this.all("dl").filter((list) => attribute(list, "class") === "figures");
    const entries = lists.flatMap(elementsIn).filter(({ tagName }) => tagName === "div");
    return Object.fromEntries(
      entries.map((entry) => {
        const [label = "", ...details] = elementsIn(entry)
          .filter(({ tagName }) => tagName === "dt" || tagName === "dd")
          .map(textOf);
        return [label, details];
      }),
    );
  }

  /** The rows of the table with this caption, each by its headings. */
  table(caption: string): readonly Readonly<Record<string, string>>[] {
    const table = this.all("table").find((each) => elementsIn(each).some((part) => isCaption(part, caption)));
    if (table === undefined) return [];
    const rows = elementsIn(table).filter(({ tagName }) => tagName === "tr");
    const cells = rows.map((row) => elementsIn(row).filter(({ tagName }) => tagName === "th" || tagName === "td"));
    const [head = [], ...body] = cells.map((row) => row.map(textOf));
    return body.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ""])));
  }

  /** The addresses of links by their texts. */
  get links(): ReadonlyMap<string, string> {
    return new Map(this.all("a").map((link) => [textOf(link), attribute(link, "href") ?? ""]));
  }
}

/** A page as somebody sees it who has signed in. */
export async function shownPage(path: string, token?: string): Promise<ShownPage> {
  const answer = await ask(path, { headers: withSession(token ?? (await signedIn())) });
  return new ShownPage(answer.status, await answer.text());
}

function isCaption(element: Element, caption: string): boolean {
  return element.tagName === "caption" && textOf(element) === caption;
}

function elementsIn(node: Node): readonly Element[] {
  if (!("childNodes" in node)) return [];
  return node.childNodes.flatMap((child) => {
    return defaultTreeAdapter.isElementNode(child) ? [child, ...elementsIn(child)] : [];
  });
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((each) => each.name === name)?.value;
}

/** The words in it, with one space between those of different elements. */
function textOf(node: Node): string {
  return wordsIn(node).join(" ").replace(/\s+/g, " ").trim();
}

function wordsIn(node: Node): readonly string[] {
  if (defaultTreeAdapter.isTextNode(node)) return [node.value];
  return "childNodes" in node ? node.childNodes.flatMap(wordsIn) : [];
}
