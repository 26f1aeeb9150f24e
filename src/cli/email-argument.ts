/** An email file that a person names on the command line, or gives on standard input. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { type EmailFile, type EmailFormat, readEmailFile } from "../eml/email-file.ts";
import { CommandError, errorMessage, usageError } from "./command-error.ts";

/**
 * @param path "-" for standard input
 * @param given.name what messages call the file; default: its path
 * @param given.format default: by the name, or the first lines
 * @throws {CommandError} when it cannot be read
 */
export async function readEmail(
  path: string,
  { name = path, format }: { readonly name?: string; readonly format?: EmailFormat | undefined } = {},
): Promise<EmailFile> {
  const file = await readEmailFile(await bytesOf(path), name, format);
  if (file.ok) return file.value;
  throw new CommandError(file.reason.complaint, file.reason.next);
}

async function bytesOf(path: string): Promise<Buffer> {
  if (path === "-") return await buffer(process.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    throw usageError(`${path} cannot be read: ${errorMessage(error)}`, "Check the path.");
  }
}
