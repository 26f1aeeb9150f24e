/** Real emails and bounce messages. They are not part of the project; without them the tests of the corpus fail. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../src/dev/project.ts";

const FOLDER = join(projectRoot, "../shared/data");

/** Paths of HTML files. */
export const realEmails: readonly string[] = filesIn("emails", ".html");

/** Paths of MIME messages. */
export const realBounces: readonly string[] = filesIn("bounces", ".eml");

function filesIn(name: string, extension: string): string[] {
  const folder = join(FOLDER, name);
  const files = existsSync(folder) ? readdirSync(folder).filter((each) => each.endsWith(extension)) : [];
  if (files.length === 0)
    throw new Error(`There is no ${extension} file in ${folder}: put the corpus of real emails there.`);
  return files.sort().map((each) => join(folder, each));
}
