/** What a deploy uploads. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { projectRoot, WRANGLER } from "../../src/dev/project.ts";
import type { Bench } from "./bench.ts";

/** wrangler prints sizes, and Cloudflare its limits, in these. */
const BYTES_A_KIB = 1024;

export const bundle: Bench = {
  name: "bundle",
  about: "the Worker as wrangler deploys it, gzipped",
  async run(say) {
    say("bundling as for a deploy");
    const folder = await mkdtemp(join(tmpdir(), "waxseal-bundle-"));
    try {
      await promisify(execFile)(process.execPath, [WRANGLER, "deploy", "--dry-run", "--outdir", folder], {
        cwd: projectRoot,
      });
      const modules = (await readdir(folder)).filter((name) => name.endsWith(".js"));
      const contents = await Promise.all(modules.map((name) => readFile(join(folder, name))));
      return [
        {
          name: "bundle, gzipped",
          value: gzipSync(Buffer.concat(contents)).length / BYTES_A_KIB,
          unit: "KiB",
          goal: { atMost: 250 },
        },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
