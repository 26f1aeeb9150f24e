/** The OpenAPI document of `/v1`, as JSON. src/dev/api-document.ts runs this in Node when the Worker is built. */
import { API } from "./app.ts";
import { openApiDocument } from "./http/openapi.ts";
import { DESCRIBED_WEBHOOKS } from "./webhooks/described.ts";

export const apiDocument: string = JSON.stringify(openApiDocument({ paths: API, webhooks: DESCRIBED_WEBHOOKS }));
