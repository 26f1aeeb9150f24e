/** What readers of the archive throw when R2 does not have a file as D1 notes it, in whatever way. */

/**
 * R2 has no such object, another one, or one that cannot be decoded: it was replaced since D1 was asked, or it is lost.
 */
export class FileLost extends Error {
  /** The object's name. */
  readonly key: string;

  constructor(key: string, fault: "missing" | "changed" | "damaged", options?: ErrorOptions) {
    super(`a file of the archive is lost: ${key} is ${fault}`, options);
    this.key = key;
  }
}

/** Whether an error says that a file of the archive is lost: trying again helps only once somebody has put it back. */
export function isFileLost(error: unknown): boolean {
  return error instanceof FileLost;
}
