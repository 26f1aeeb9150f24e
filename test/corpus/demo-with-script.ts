/** `npm run demo` with a Worker that is bundled already: `node demo-with-script.ts <its module's file> [<mail>]`. */
import { readFile } from "node:fs/promises";
import { runDemo } from "../../src/demo/demo.ts";
import { startLocalWorker } from "../../src/dev/local-worker.ts";

const [file = "", ...args] = process.argv.slice(2);
const script = await readFile(file, "utf8");

process.exitCode = await runDemo(args, { startWorker: (options) => startLocalWorker({ ...options, script }) });
