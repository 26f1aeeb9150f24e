/** A report as one CSV file: all pages of `/v1`, one after the other, as they are read. */
import { ApiTrouble, problemOf, type Visit } from "./visit.ts";

/** @throws {ApiTrouble} when `/v1` refuses the first page; a later failure cuts the file off, and the download fails */
export async function reportFile({ url, params, fetchApi }: Visit): Promise<Response> {
  const { name = "" } = params;
  const first = await pageAt(`/v1/reports/${name}${url.search}`, fetchApi);
  const headers = new Headers(first.headers);
  headers.delete("Link");
  headers.delete("Content-Length");
  headers.set("Content-Disposition", `attachment; filename="${name}"`);
  let page: Response | undefined = first;
  const pages = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (page === undefined) return;
      const text = await page.text();
      const rows = page === first ? text : withoutHead(text);
      if (rows !== "") controller.enqueue(new TextEncoder().encode(rows));
      const next = nextOf(page);
      page = next === undefined ? undefined : await pageAt(next, fetchApi);
      if (page === undefined) controller.close();
    },
  });
  return new Response(pages, { headers });
}

async function pageAt(path: string, fetchApi: Visit["fetchApi"]): Promise<Response> {
  const page = await fetchApi(path);
  if (page.ok) return page;
  const answer: unknown = await page.json().catch(() => undefined);
  throw new ApiTrouble(page.status, problemOf(answer));
}

/** The path of the next page (RFC 8288). */
function nextOf({ headers }: Response): string | undefined {
  return /^<([^>]+)>; rel="next"/.exec(headers.get("Link") ?? "")?.[1];
}

/** Without the line of column names, in which there is no line break. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf("\r\n") + 2);
}
