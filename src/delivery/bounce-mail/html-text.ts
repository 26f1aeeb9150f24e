/**
 * The text of an HTML part, good enough to find addresses and sentences: character references decoded, one line for
 * each block, no layout. Reads tokens (parse5), not a tree, so that the time is linear in the length of what a
 * stranger sends.
 */
import { type Token, type TokenHandler, Tokenizer, TokenizerMode } from "parse5";

const BLOCK = /^(?:address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|tr|ul)$/;
const NOT_TEXT = /^(?:script|style)$/;

/** All of `html` is read: the caller cuts it. */
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
