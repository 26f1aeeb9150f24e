/** The names of message files' objects; pure, for the command, too. */

/** What a name says. */
export interface NamedFile {
  readonly id: number;
  readonly version: number;
  /** Random. */
  readonly token: string;
}

/** What all names begin with. */
export const MESSAGES_PREFIX = "messages/v1/";
const KEY = /^messages\/v1\/(?<id>\d+)\.v(?<version>\d+)\.(?<token>[0-9a-f-]+)\.parquet$/u;

/** The name of a file's object. */
export function messageFileKey(file: NamedFile): string {
  return `${keysOfFile(file)}${file.version}.${file.token}.parquet`;
}

/** What the names of all versions of a file begin with. */
export function keysOfFile({ id }: Pick<NamedFile, "id">): string {
  return `${MESSAGES_PREFIX}${id}.v`;
}

/** What the name of an object says; undefined when it is no message file's. */
export function parsedFileKey(key: string): NamedFile | undefined {
  const { id, version, token = "" } = KEY.exec(key)?.groups ?? {};
  return id === undefined ? undefined : { id: Number(id), version: Number(version), token };
}
