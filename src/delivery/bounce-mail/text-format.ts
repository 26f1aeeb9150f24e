/**
 * HTML as text. In the Worker's bundle this also stands for postal-mime's module of the same name, whose
 * 2,231 names of characters and layout of tables would be 15 KB of it, for what bounces do not need.
 */

const HTML_READ = 131_072;

/** Enough of a page to find addresses and sentences in it. */
export function htmlToText(html: string): string {
  return html
    .slice(0, HTML_READ)
    .replace(/<(?:br|p|div|tr|li|h\d|pre|table)\b[^<>]*>/gi, "\n")
    .replace(/<[^<>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&(?:nbsp|#160);/g, " ")
    .replace(/&(?:#39|apos|rsquo);/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}

/** Nobody here asks for the HTML of a text, or for a nested message in words. */
export const textToHtml = (text: string): string => text;
export const formatTextHeader = (): string => "";
export const formatHtmlHeader = (): string => "";
