/** Names of emails, campaigns and links, as senders report them. */
import type { Column } from "drizzle-orm";
import { assignExcluded, columnNames, excluded, type Sql, sql } from "../platform/sql.ts";
import { links, names } from "./schema.ts";

export interface Named {
  readonly id: string;
  readonly name?: string | undefined;
}

export interface NamedLink extends Named {
  /** What reports show: without what is personal. */
  readonly url: string;
}

/** What reports know of an email before anything happens to it. */
export interface NamedEmail {
  readonly email: Named;
  readonly campaign?: Named | undefined;
  readonly links?: readonly NamedLink[];
}

/**
 * Statements that store names and links, for a transaction. What is stored already writes no row.
 * @param areUrlsKept a link's first URL stays; one of a copy is to be without what may be its recipient's
 */
export function nameStatements(
  { email, campaign, links: named = [] }: NamedEmail,
  { areUrlsKept }: { readonly areUrlsKept: boolean },
): Sql[] {
  return [
    ...(email.name === undefined ? [] : [upsertName("email", email.id, email.name)]),
    ...(campaign?.name === undefined ? [] : [upsertName("campaign", campaign.id, campaign.name)]),
    ...(named.length === 0 ? [] : [upsertLinks(email.id, named, areUrlsKept)]),
  ];
}

/** The name of an email or a campaign, for an expression; NULL when nobody has named it. */
export function storedName(kind: "email" | "campaign", id: Column | Sql): Sql {
  return sql`(SELECT ${names.name} FROM ${names} WHERE ${names.kind} = ${kind} AND ${names.id} = ${id})`;
}

/** A name that a report of an event brings along. */
export interface KindOfName {
  readonly kind: "email" | "campaign";
  readonly id: string;
  readonly name: string;
}

/**
 * A name as it is searched: letters of two cases are one, in all scripts (SQLite folds ASCII only). Words that may have
 * an address in them are left out: who must not see it must not find it either.
 */
function foldedName(name: string): string {
  const words = name.split(/\s+/).filter((word) => !/@|%40/.test(word));
  return foldCase(words.join(" "));
}

/** As `foldedName`, of what is looked for in one. */
export function foldedPart(part: string): string {
  return foldCase(part.trim().replaceAll(/\s+/g, " "));
}

function foldCase(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase();
}

/** Stores names, of two for the same id the last. */
export function upsertNames(named: readonly KindOfName[]): Sql {
  const rows = named.map((each) => ({ ...each, folded: foldedName(each.name) }));
  return sql`INSERT INTO ${names} (${columnNames(names.kind, names.id, names.name, names.folded)})
    SELECT value->>'kind', value->>'id', value->>'name', value->>'folded' FROM json_each(${JSON.stringify(rows)})
    WHERE true
    ON CONFLICT (${columnNames(names.kind, names.id)}) DO UPDATE SET ${assignExcluded(names.name, names.folded)}
    WHERE ${names.name} <> ${excluded(names.name)}`;
}

function upsertName(kind: KindOfName["kind"], id: string, name: string): Sql {
  return upsertNames([{ kind, id, name }]);
}

function upsertLinks(email: string, named: readonly NamedLink[], areUrlsKept: boolean): Sql {
  const { id, url, name, firstClicks } = links;
  const replaced = areUrlsKept ? [name] : [url, name, firstClicks];
  const isOther = areUrlsKept ? sql`false` : sql`(${url} <> ${excluded(url)} OR ${firstClicks} IS NOT NULL)`;
  // NULL: it cannot lead to one person, so that no erasure cuts it.
  return sql`INSERT INTO ${links} (${columnNames(links.email, id, url, name, firstClicks)})
    SELECT ${email}, value->>'id', value->>'url', value->>'name', NULL
    FROM json_each(${JSON.stringify(named)}) WHERE true
    ON CONFLICT (${columnNames(links.email, id)}) DO UPDATE SET ${assignExcluded(...replaced)}
    WHERE ${name} IS NOT ${excluded(name)} OR ${isOther}`;
}
