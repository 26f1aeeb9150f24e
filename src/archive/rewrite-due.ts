/** Rewrites files of the archive that are due, segments or message files, one after the other. */
import { logger } from "../platform/logger.ts";
import { isFileLost } from "./file-lost.ts";
import { noteLost } from "./note-lost.ts";

/** Files of a kind. */
export interface DueFiles<File> {
  /** The first one behind a position that is to be rewritten by now; undefined: there is none. */
  next(after: number): Promise<File | undefined>;
  /** Its position: the next one comes after it. */
  position(file: File): number;
  /** The name of its object. */
  key(file: File): string;
  /** Resolves to false when something has changed meanwhile: the file is as it was. */
  rewrite(file: File): Promise<boolean>;
  /** Whether D1 notes its object still. */
  isNotedStill(file: File): Promise<boolean>;
}

/**
 * Rewrites files until `untilMs`. One that cannot be rewritten holds nothing else up.
 * @returns how many were
 * @throws D1's error
 */
export async function rewriteDue<File>(d1: D1Database, files: DueFiles<File>, untilMs: number): Promise<number> {
  let rewritten = 0;
  for (let after = 0; Date.now() < untilMs; ) {
    const file = await files.next(after);
    if (file === undefined) break;
    if (await tryToRewrite(d1, files, file)) rewritten++;
    after = files.position(file);
  }
  return rewritten;
}

async function tryToRewrite<File>(d1: D1Database, files: DueFiles<File>, file: File): Promise<boolean> {
  try {
    return await files.rewrite(file);
  } catch (error) {
    if (isFileLost(error)) {
      // Another run has rewritten it meanwhile, and has deleted the object.
      if (!(await files.isNotedStill(file))) return false;
      await noteLost(d1, [error.key]);
    }
    logger.error("a file of the archive could not be rewritten", { key: files.key(file), error });
    return false;
  }
}
