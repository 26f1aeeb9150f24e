/** Before each file of tests: no Durable Object, no queued message and no row is left of the file before it. */
import { applyD1Migrations, env, reset } from "cloudflare:test";

await reset();
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
