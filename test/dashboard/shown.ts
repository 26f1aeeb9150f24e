/** Reads pages as their readers do: text, tables by their caption. */
import { type DefaultTreeAdapterTypes, parse } from "parse5";

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** The text of a page or a part of it, without markup; runs of white space are one space. */
export function textOf(node: Node): string {
  return rawText(node).replaceAll(/\s+/g, " ").trim();
}

function rawText(node: Node): string {
  if (node.nodeName === "#text") return (node as DefaultTreeAdapterTypes.TextNode).value;
  return "childNodes" in node ? node.childNodes.map(rawText).join(" ") : "";
}

/** Elements of a name, in the order of the page. */
export function elementsOf(node: Node, name: string): Element[] {
  const own = node.nodeName === name ? [node as Element] : [];
  return "childNodes" in node ? [...own, ...node.childNodes.flatMap((child) => elementsOf(child, name))] : own;
}

export function attributeOf({ attrs }: Element, name: string): string | undefined {
  return attrs.find((attribute) => attribute.name === name)?.value;
}

export async function pageOf(answer: Response): Promise<Node> {
  return parse(await answer.text());
}

/** The cells of each row of the table with this caption, its head first. */
export function tableOf(page: Node, caption: string): string[][] {
  const table = elementsOf(page, "table").find((each) =>
    elementsOf(each, "caption").some((it) => textOf(it) === caption),
  );
  if (table === undefined) throw new Error(`no table is called "${caption}"`);
  const cells = (row: Element) => row.childNodes.filter(({ nodeName }) => nodeName === "th" || nodeName === "td");
  return elementsOf(table, "tr").map((row) => cells(row).map(textOf));
}
