/** The names of message files' objects; pure, for the command, too. */

/** What a name says. */
export interface NamedFile {
  readonly id: number;
  /** Random, and the same in all versions: D1, restored to an earlier time, gives an id to another file again. */
  readonly fileToken: string;
  readonly version: number;
  /** Random, of the version. */
  readonly token: string;
}

/** What all names begin with. */
export const MESSAGES_PREFIX = "messages/v1/";
const KEY = /^messages\/v1\/(?<id>\d+)\.(?<fileToken>[0-9a-f-]+)\.v(?<version>\d+)\.(?<token>[0-9a-f-]+)\.parquet$/u;

/** The name of a file's object. */
export function messageFileKey(file: NamedFile): string {
  return `${keysOfFile(file)}${file.version}.${file.token}.parquet`;
}

/** What the names of all versions of a file begin with. */
export function keysOfFile({ id, fileToken }: Pick<NamedFile, "id" | "fileToken">): string {
  return `${MESSAGES_PREFIX}${id}.${fileToken}.v`;
}

/** What the name of an object says; undefined when it is no message file's. */
export function parsedFileKey(key: string): NamedFile | undefined {
  const { id, fileToken = "", version, token = "" } = KEY.exec(key)?.groups ?? {};
  return id === undefined ? undefined : { id: Number(id), fileToken, version: Number(version), token };
}
