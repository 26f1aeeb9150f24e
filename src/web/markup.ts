/** Hono's `html` tag, for markup without promises. */
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Markup = HtmlEscapedString;

/**
 * Values are escaped, except markup and arrays of it; null, undefined and booleans are left out.
 * @throws {TypeError} for a promise among the values
 */
export function markup(strings: TemplateStringsArray, ...values: readonly unknown[]): Markup {
  const made = html(strings, ...values);
  if (made instanceof Promise) throw new TypeError("a page cannot contain a promise");
  return made;
}
