/**
 * Parameters in the query of a URL. Guarantees that every other byte stays as it was, and that the fragment stays last.
 * Linear in the URL.
 */

/** The parameters that Google Analytics and others read: `utm_source` is `source` here, and so on. */
export interface Utm {
  readonly source?: string;
  readonly medium?: string;
  readonly campaign?: string;
  readonly term?: string;
  readonly content?: string;
  readonly id?: string;
}

/** In the order in which they are added. */
export const UTM_NAMES = ["source", "medium", "campaign", "term", "content", "id"] as const;

/** A parameter as it is added, `utm_source=news%20letter`, and its name. */
export interface Parameter {
  readonly name: string;
  readonly text: string;
}

export function utmParameters(utm: Utm): readonly Parameter[] {
  return UTM_NAMES.flatMap((key) => {
    const value = utm[key];
    const name = `utm_${key}`;
    return value === undefined || value === "" ? [] : [{ name, text: `${name}=${percentEncoded(value)}` }];
  });
}

/** Percent-encoded for any part of a URL, and for an attribute's value within quotes of either kind. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll("'", "%27");
}

/** The URL with those parameters of which it has none of that name. */
export function withQueryParameters(url: string, parameters: readonly Parameter[]): string {
  const { path, query, fragment } = split(url);
  const names = new Set(query === undefined ? [] : query.split("&").map(nameOf));
  const added = parameters.filter(({ name }) => !names.has(name)).map(({ text }) => text);
  if (added.length === 0) return url;
  const separator = query === undefined || query === "" || query.endsWith("&") ? "" : "&";
  return `${path}?${query ?? ""}${separator}${added.join("&")}${fragment}`;
}

/**
 * The URL without some parameters.
 * @param isLeftOut is asked for each with its name, decoded, and as it is written, `name=value`
 */
export function withoutParameters(url: string, isLeftOut: (name: string, text: string) => boolean): string {
  const { path, query, fragment } = split(url);
  if (query === undefined) return url;
  const all = query.split("&");
  const kept = all.filter((text) => !isLeftOut(nameOf(text), text));
  if (kept.length === all.length) return url;
  return `${path}${kept.length === 0 ? "" : "?"}${kept.join("&")}${fragment}`;
}

function split(url: string): { readonly path: string; readonly query: string | undefined; readonly fragment: string } {
  const [beforeFragment = ""] = url.split("#", 1);
  const [path = ""] = beforeFragment.split("?", 1);
  const query = path.length === beforeFragment.length ? undefined : beforeFragment.slice(path.length + 1);
  return { path, query, fragment: url.slice(beforeFragment.length) };
}

/** As forms decode it (WHATWG URL, "application/x-www-form-urlencoded parsing"). */
function nameOf(parameter: string): string {
  const [name = ""] = parameter.split("=", 1);
  const spaced = name.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
