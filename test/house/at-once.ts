/**
 * Runs scripts of package.json at once, and prints what each said when it has ended, under its name. What waits for
 * something leaves the processor to the others. Ends with 1 when a script failed, and says which.
 *
 *   node test/house/at-once.ts lint types
 */
import { spawn } from "node:child_process";

/** @returns whether it ended well */
async function runScript(name: string): Promise<boolean> {
  const child = spawn(process.execPath, ["--run", name], { stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  const code = await promise;
  const text = Buffer.concat(said).toString().trim();
  console.log(`\n=== ${name}${code === 0 ? "" : " failed"} ===${text === "" ? "" : `\n${text}`}`);
  return code === 0;
}

const names = process.argv.slice(2);
console.log(`At once: ${names.join(", ")}. Each is shown when it has ended.`);
const results = await Promise.all(names.map(async (name) => ({ name, isPassed: await runScript(name) })));
const failed = results.filter(({ isPassed }) => !isPassed).map(({ name }) => name);
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
