/**
 * Keeps the HTML of an email in R2, an object an email, and in D1 the hash of what is kept. Guarantees that HTML which
 * is kept already costs one statement that writes nothing; that copies which all differ, because people's names are
 * in them, are written a few times an hour and not each; and that what D1 says is kept is what R2 holds, in whatever
 * order several runs write: who was not alone leaves no hash, and the next call writes again.
 */
import { sourceKey } from "../../decorate/source-key.ts";
import { emailSources } from "../../events/source-schema.ts";
import { HOUR_MS } from "../../platform/durations.ts";
import { sha256Hex } from "../../platform/sha256.ts";
import { assign, columnName, columnNames, excluded, isOneOf, type Sql, sql } from "../../platform/sql.ts";
import { cleanHtml } from "./clean.ts";
import { type Personal, withoutPersonal } from "./personal.ts";

/** More of an email than a sender changes in an hour. */
const MAX_CHANGES_PER_HOUR = 20;
const MAX_DELETED = 100;

export type SourceStores = Pick<Env, "DB" | "EMAIL_SOURCES">;

/** What is to be kept. */
export interface SourceToKeep {
  readonly email: string;
  /** Marked (decorate/marked.ts). */
  readonly html: string;
  readonly personal: Personal;
  readonly nowMs: number;
  /** Whether the sender describes the email, which is kept however often it changes. */
  readonly isDescribed?: boolean;
}

/** "too_large": it has too many elements, or elements too deep in each other, and what was kept stays. */
export type KeptSource = "kept" | "unchanged" | "too_large";

/** @throws the error of D1 or R2 */
export async function keepSource({ DB, EMAIL_SOURCES }: SourceStores, source: SourceToKeep): Promise<KeptSource> {
  const { email, html, personal } = source;
  const hash = sha256Hex(withoutPersonal(html, personal));
  const version = await beginWriting(source, hash).prepare(DB).first<number>("version");
  if (version === null) return "unchanged";
  const cleaned = cleanHtml(html, { pictures: true, personal });
  if (cleaned.ok)
    await EMAIL_SOURCES.put(sourceKey(email), cleaned.value, { httpMetadata: { contentType: CONTENT_TYPE } });
  await endWriting(email, version, cleaned.ok ? hash : null)
    .prepare(DB)
    .run();
  return cleaned.ok ? "kept" : cleaned.reason;
}

export const CONTENT_TYPE = "text/html; charset=utf-8";

const { version, keptAt, changes, person } = emailSources;
const storedHash = emailSources.hash;

/** Returns the version to write; no row when the HTML is kept already, or changes too often. */
function beginWriting({ email, personal, nowMs, isDescribed = false }: SourceToKeep, hash: string): Sql {
  const limit = isDescribed ? Number.MAX_SAFE_INTEGER : MAX_CHANGES_PER_HOUR;
  const ofPerson = personal.person.id ?? null;
  const isSameHour = sql`${keptAt} >= ${nowMs - (nowMs % HOUR_MS)}`;
  const columns = columnNames(emailSources.email, version, keptAt, changes, person);
  return sql`INSERT INTO ${emailSources} (${columns}) VALUES (${email}, 1, ${nowMs}, 1, ${ofPerson})
ON CONFLICT (${columnName(emailSources.email)}) DO UPDATE SET ${assign(emailSources, {
    hash: null,
    version: sql`${version} + 1`,
    keptAt: excluded(keptAt),
    changes: sql`iif(${isSameHour}, ${changes} + 1, 1)`,
    person: excluded(person),
  })}
WHERE ${storedHash} IS NOT ${hash} AND NOT (${isSameHour} AND ${changes} >= ${limit})
RETURNING version`;
}

/**
 * Notes what was written. When somebody else has begun since, R2 may have either: then nothing is noted, and neither is
 * what they write.
 */
function endWriting(email: string, begun: number, hash: string | null): Sql {
  return sql`UPDATE ${emailSources} SET ${assign(emailSources, {
    hash: sql`iif(${version} = ${begun}, ${hash}, NULL)`,
    version: sql`${version} + 1`,
  })} WHERE ${emailSources.email} = ${email}`;
}

/**
 * Deletes the HTML that was kept before a time. A call that keeps it brings it back.
 * @throws the error of D1 or R2
 */
export async function deleteOldSources(
  stores: SourceStores,
  beforeMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  await deleteSources(stores, sql`${keptAt} < ${beforeMs}`, untilMs);
}

/**
 * Deletes the HTML that is a person's own copy.
 * @throws the error of D1 or R2
 */
export async function deleteSourcesOf(stores: SourceStores, whose: string): Promise<void> {
  await deleteSources(stores, sql`${person} = ${whose}`);
}

async function deleteSources(stores: SourceStores, condition: Sql, untilMs = Number.POSITIVE_INFINITY): Promise<void> {
  for (let deleted = MAX_DELETED; deleted === MAX_DELETED && Date.now() < untilMs; )
    deleted = await deleteSome(stores, condition);
}

/** Returns how many it has deleted. */
async function deleteSome({ DB, EMAIL_SOURCES }: SourceStores, condition: Sql): Promise<number> {
  const begin = sql`UPDATE ${emailSources} SET ${assign(emailSources, { hash: null, version: sql`${version} + 1` })}
WHERE ${emailSources.email} IN
(SELECT ${emailSources.email} FROM ${emailSources} WHERE ${condition} LIMIT ${MAX_DELETED})
RETURNING email, version`;
  const { results } = await begin.prepare(DB).all<{ readonly email: string; readonly version: number }>();
  if (results.length === 0) return 0;
  await EMAIL_SOURCES.delete(results.map(({ email }) => sourceKey(email)));
  const begun = sql`json_each(${JSON.stringify(results)}) AS begun`;
  await DB.batch([
    sql`DELETE FROM ${emailSources} WHERE (${emailSources.email}, ${version}) IN
(SELECT begun.value->>'email', begun.value->>'version' FROM ${begun})`.prepare(DB),
    // Somebody has kept it meanwhile; whether before it was deleted nobody knows.
    sql`UPDATE ${emailSources} SET ${assign(emailSources, { hash: null, version: sql`${version} + 1` })}
WHERE ${isOneOf(
      emailSources.email,
      results.map(({ email }) => email),
    )}`.prepare(DB),
  ]);
  return results.length;
}
