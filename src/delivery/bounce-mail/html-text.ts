/**
 * The words of an HTML part, as much as finding addresses and sentences in it takes: character references decoded, a line for each
 * block, no layout. Reads tokens (parse5), not a tree, so that its time is linear in what a stranger sends.
 */
import { type Token, type TokenHandler, Tokenizer, TokenizerMode } from "parse5";

const BLOCK = /^(?:address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|tr|ul)$/;
const NOT_TEXT = /^(?:script|style)$/;

/** @param html at most as much of it as is worth reading: all of it is read */
export function textOfHtml(html: string): string {
  let text = "";
  let isText = true;
  const add = ({ chars }: Token.CharacterToken) => {
    if (isText) text += chars;
  };
  const handler: TokenHandler = {
    onStartTag({ tagName }) {
      if (BLOCK.test(tagName)) text += "\n";
      isText = !NOT_TEXT.test(tagName);
      if (!isText) tokenizer.state = TokenizerMode.RAWTEXT;
    },
    onEndTag() {
      isText = true;
    },
    onCharacter: add,
    onWhitespaceCharacter: add,
    onNullCharacter() {},
    onComment() {},
    onDoctype() {},
    onEof() {},
  };
  const tokenizer = new Tokenizer({}, handler);
  tokenizer.write(html, true);
  return text;
}
