/** GET /app/people/:person/export: all that is held about a person as a file, a line for each page of the export. */
import type { Schemas } from "../client/index.ts";
import { answered, type Visit } from "./visit.ts";

type ExportPage = Schemas["ExportPage"];

/** @throws {ApiTrouble} when `/v1` refuses the first page; a later failure cuts the file off, and the download fails */
export async function personFile({ api, params }: Visit): Promise<Response> {
  const { person = "" } = params;
  const pageAfter = (cursor: string | undefined) => {
    const query = { person, ...(cursor === undefined ? {} : { cursor }) };
    return answered(api.GET("/v1/people/export", { params: { query } }));
  };
  let page: ExportPage | undefined = await pageAfter(undefined);
  const encoder = new TextEncoder();
  const lines = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (page === undefined) return controller.close();
      const { next, ...held } = page;
      controller.enqueue(encoder.encode(`${JSON.stringify(held)}\n`));
      page = next === undefined ? undefined : await pageAfter(next);
    },
  });
  return new Response(lines, {
    headers: {
      "Content-Type": "application/x-ndjson; charset=utf-8",
      "Content-Disposition": `attachment; filename="person-${person.replace(/[^\w.-]/g, "_")}.ndjson"`,
    },
  });
}
