import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, inject, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { readWranglerConfig } from "../../src/dev/wrangler-config.ts";

it("a deploy carries the recipients' pages, nothing of Try it, and the API's page as files beside it", () => {
  const script = inject("workerScript");
  const held = (words: string) => script.includes(words);
  expect(["List-Unsubscribe", "unsubscribe"].filter((words) => !held(words))).toEqual([]);
  // Swagger UI and the OpenAPI document are static assets.
  expect(["SwaggerUIBundle", "React", "#/components/schemas", "draft-2020-12"].filter(held)).toEqual([]);
  const ofTryIt = ["Another reader", "/preview/email", "letters@example.com"];
  expect(ofTryIt.filter(held)).toEqual([]);
  const tryIt = globSync(join(projectRoot, "src/{dashboard,preview}/**/*.{ts,tsx}")).map((path) =>
    readFileSync(path, "utf8"),
  );
  expect(ofTryIt.filter((words) => !tryIt.some((source) => source.includes(words)))).toEqual([]);
});

it("the button of README.md asks for the secrets that a Worker needs, and describes bindings that there are", () => {
  const secrets = Object.keys(parseEnv(readFileSync(join(projectRoot, ".dev.vars.example"), "utf8")));
  expect(secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
  const { config } = readWranglerConfig(projectRoot);
  const bound = [
    ...Object.keys(config.vars),
    ...[...config.d1_databases, ...config.r2_buckets, ...(config.queues.producers ?? [])].map(({ binding }) => binding),
  ];
  const { cloudflare } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
  for (const binding of Object.keys(cloudflare.bindings)) expect([...secrets, ...bound]).toContain(binding);
});
