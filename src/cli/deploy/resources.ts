/** The database, buckets and queues of a Worker, as its configuration names them, and where the account has them. */
import * as v from "valibot";
import { readPrintedJson } from "../wrangler/printed-json.ts";
import { type Wrangler, WranglerFailure } from "../wrangler/wrangler.ts";

export interface Resource {
  readonly kind: "database" | "bucket" | "queue";
  /** By which the Worker knows it: "ARCHIVE". */
  readonly binding: string;
  readonly name: string;
}

/** Where a resource is: in a jurisdiction, in none, somewhere that Cloudflare does not say, or nowhere. */
export type Location = { readonly jurisdiction: string } | "anywhere" | "unknown" | "missing";

/** A database of the account. */
export interface Database {
  readonly id: string;
  readonly name: string;
  readonly location: Location;
}

/** "the bucket waxseal-archive" */
export const inWords = ({ kind, name }: Pick<Resource, "kind" | "name">) => `the ${kind} ${name}`;

const Databases = v.array(
  v.object({ uuid: v.string(), name: v.string(), jurisdiction: v.optional(v.nullable(v.string())) }),
);

export async function listDatabases(wrangler: Wrangler): Promise<readonly Database[]> {
  const { stdout } = await wrangler.run(["d1", "list", "--json"]);
  return readPrintedJson(Databases, stdout).map(({ uuid, name, jurisdiction }) => ({
    id: uuid,
    name,
    location: locationIn(jurisdiction),
  }));
}

function locationIn(jurisdiction: string | null | undefined): Location {
  if (jurisdiction === undefined) return "unknown";
  return jurisdiction === null ? "anywhere" : { jurisdiction };
}

const NO_SUCH_BUCKET = 10006;

/** @param jurisdiction where the bucket would be: the same name is another bucket elsewhere */
export async function locationOfBucket(
  wrangler: Wrangler,
  name: string,
  jurisdiction: string | undefined,
): Promise<Location> {
  const where = jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction];
  try {
    await wrangler.run(["r2", "bucket", "info", name, "--json", ...where]);
    return locationIn(jurisdiction ?? null);
  } catch (error) {
    if (error instanceof WranglerFailure && error.code === NO_SUCH_BUCKET) return "missing";
    throw error;
  }
}

const NO_SUCH_QUEUE = /Queue "[^"]*" does not exist/;
const IN_JURISDICTION = /^Jurisdiction: (\w+)$/m;

export async function locationOfQueue(wrangler: Wrangler, name: string): Promise<Location> {
  try {
    const { stdout } = await wrangler.run(["queues", "info", name]);
    const [, jurisdiction] = IN_JURISDICTION.exec(stdout) ?? [];
    return locationIn(jurisdiction === "null" ? null : jurisdiction);
  } catch (error) {
    if (error instanceof WranglerFailure && NO_SUCH_QUEUE.test(error.output)) return "missing";
    throw error;
  }
}

/** What the database of a Waxseal has. */
const TABLES = ["d1_migrations", "events", "aggregated"];
const Tables = v.array(v.object({ results: v.array(v.object({ name: v.string() })) }));

/** Whether a database is empty, or a Waxseal's. */
export async function isFitting(wrangler: Wrangler, name: string): Promise<boolean> {
  const sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";
  const { stdout } = await wrangler.run(["d1", "execute", name, "--remote", "--json", "--command", sql]);
  const tables = readPrintedJson(Tables, stdout).flatMap(({ results }) => results.map((table) => table.name));
  return tables.length === 0 || TABLES.every((table) => tables.includes(table));
}
