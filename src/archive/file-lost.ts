/** Files that R2 does not have as D1 notes them: they were replaced since D1 was asked, or are lost. */

/** What is wrong with an object: it is not there; D1 notes another one; it is not decodable, or has other rows. */
export type FileFault = "missing" | "changed" | "damaged";

/** What is wrong with the object of a file. */
export interface FileLoss {
  /** The object's name. */
  readonly key: string;
  readonly fault: FileFault;
  /** Why it cannot be decoded. */
  readonly cause?: unknown;
}

/** What readers throw whose answer would be wrong without the file. */
export class FileLost extends Error {
  /** The object's name. */
  readonly key: string;

  constructor({ key, fault, ...cause }: FileLoss) {
    super(`a file of the archive is lost: ${key} is ${fault}`, cause);
    this.key = key;
  }
}

/** Whether an error says that a file of the archive is lost: trying again helps only once somebody has put it back. */
export function isFileLost(error: unknown): error is FileLost {
  return error instanceof FileLost;
}
