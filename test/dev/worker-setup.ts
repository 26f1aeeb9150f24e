/** Bundles the Worker once for all tests that start one; test/dev/test-worker.ts takes it from here. */
import type { TestProject } from "vitest/node";
import { bundleWorker, WORKER } from "../../src/dev/worker-bundle.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Worker's module as `npm run dev` runs it. */
    developmentScript: string;
    /** The Worker's module as it is deployed; in the project "node" alone. */
    productionScript: string;
  }
}

/** Whose tests start the Worker as it is deployed, too. */
const ALSO_DEPLOYED = "node";

export default async function setup(project: TestProject): Promise<void> {
  const [development, production] = await Promise.all([
    bundleWorker(WORKER, "development"),
    project.name === ALSO_DEPLOYED ? bundleWorker(WORKER, "production") : undefined,
  ]);
  project.provide("developmentScript", development);
  if (production !== undefined) project.provide("productionScript", production);
}
