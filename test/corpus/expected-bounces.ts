/** What the real bounce messages say, by somebody else's reading: expected.json beside them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { type Finding, readBounceMail } from "../../src/delivery/bounce-mail/index.ts";
import { realBounces } from "./real-emails.ts";

const Result = v.object({
  recipient: v.string(),
  status: v.nullable(v.string()),
  /** "hard": the address is unusable; "other": a complaint, or no bounce. */
  class: v.picklist(["hard", "soft", "other"]),
  statusIsLiteralInFile: v.boolean(),
});
const Expected = v.array(v.object({ file: v.string(), results: v.array(Result) }));

type ExpectedResult = v.InferOutput<typeof Result>;

export interface Reading {
  readonly file: string;
  readonly results: readonly ExpectedResult[];
  readonly findings: readonly Finding[];
}

export async function readings(): Promise<readonly Reading[]> {
  const folder = dirname(realBounces[0] ?? "");
  const expected = v.parse(Expected, JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")));
  return await Promise.all(
    expected.map(async ({ file, results }) => ({
      file,
      results,
      findings: (await Promise.all(mailsIn(join(folder, file)).map((mail) => readBounceMail(mail)))).flatMap(
        ({ findings }) => findings,
      ),
    })),
  );
}

/** A file may be a mailbox (RFC 4155): a "From " line before each mail. */
function mailsIn(path: string): readonly Buffer[] {
  const mails = readFileSync(path)
    .toString("latin1")
    .split(/(?:^|\n\n)From \S+ .*\n(?=[\w-]+: )/);
  return mails.filter((mail) => mail !== "").map((mail) => Buffer.from(mail, "latin1"));
}

/** Why a reading of one result is wrong; undefined: it is right. */
export function fault(expected: ExpectedResult, findings: readonly Finding[]): string | undefined {
  const finding = findings.find(({ recipient }) => recipient.toLowerCase() === expected.recipient.toLowerCase());
  if (expected.class === "other")
    return finding === undefined || finding.bounce === undefined ? undefined : "is no bounce";
  if (finding?.bounce === undefined) return "not found";
  const { category, status } = finding.bounce;
  if ((category === 2) !== (expected.class === "hard")) return `category ${category}`;
  if (expected.statusIsLiteralInFile && status !== expected.status) return `status ${status}`;
  return undefined;
}
