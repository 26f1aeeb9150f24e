/** Before each file of tests: no Durable Object, no queued message and no row is left of the file before it. */
import { emptyStorage } from "./empty-storage.ts";

await emptyStorage();
