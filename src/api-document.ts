/** The OpenAPI document of `/v1`, as JSON. src/dev/api-document.ts runs this in Node when the Worker is built. */
import { API } from "./app.ts";
import { openApiDocument } from "./http/openapi.ts";

export const apiDocument: string = JSON.stringify(openApiDocument(API));
