/** Bundles the Worker once for all tests that start one; test/dev/test-worker.ts takes it from here. */
import type { TestProject } from "vitest/node";
import { bundleWorker, WORKER } from "../../src/dev/worker-bundle.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Worker's module as it is deployed; for the browser as `npm run dev` runs it, with the page Try it. */
    workerScript: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const environment = project.name === "browser" ? "development" : "production";
  const { script } = await bundleWorker(WORKER, environment);
  project.provide("workerScript", script);
}
