/** Lists of `/v1`, page by page: `{data, next?}`. */
import * as v from "valibot";
import type { Profile } from "./profiles.ts";
import { callWorker } from "./worker-api.ts";

/** The parameters of a list; those that are undefined are left out. */
export type ListQuery = Readonly<Record<string, string | number | undefined>>;

export interface ListPage<Entry> {
  readonly data: readonly Entry[];
  readonly next?: string | undefined;
}

/** @throws {CommandError} when the Worker cannot be reached, refuses, or answers in another form */
export async function readPage<Entry>(
  worker: Profile,
  entry: v.GenericSchema<unknown, Entry>,
  path: string,
  query: ListQuery,
): Promise<ListPage<Entry>> {
  const page = v.object({ data: v.array(entry), next: v.optional(v.string()) });
  return await callWorker(worker, page, { path: listPath(path, query) });
}

/** A path with its query. */
export function listPath(path: string, query: ListQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/** All entries, or the first `max`, in the list's order. */
export async function* entriesOf<Entry>(
  worker: Profile,
  entry: v.GenericSchema<unknown, Entry>,
  path: string,
  query: ListQuery,
  max = Number.POSITIVE_INFINITY,
): AsyncGenerator<Entry> {
  let left = max;
  let cursor: string | undefined;
  do {
    const page = await readPage(worker, entry, path, { ...query, cursor });
    for (const each of page.data) {
      if (left-- <= 0) return;
      yield each;
    }
    cursor = page.next;
  } while (cursor !== undefined && left > 0);
}
