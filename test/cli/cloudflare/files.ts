/** Exports and imports of D1, by files that are up- and downloaded beside the API, and the objects of R2. */
import { createHash, randomUUID } from "node:crypto";
import { ApiFault, bucketName, type Call, RawAnswer, type Route, textIn } from "./api.ts";
import type { Runtime } from "./runtime.ts";

const DONE = { success: true, status: "complete", messages: [], at_bookmark: "bookmark" };

interface Storage {
  readonly runtime: Runtime;
  readonly objects: Map<string, string>;
}

/** @param uuidOf the id of a database that is there */
export function fileRoutes(state: Storage, uuidOf: (id: string | undefined) => string): Route[] {
  const files = new Map<string, string>();
  const addressOf = ({ headers }: Call, name: string) => `http://${headers.host}/files/${name}`;
  const objectOf = (call: Call, bucket = "", key = "") => `${bucketName(call, bucket)}/${key}`;
  return [
    [
      "POST",
      /^\/accounts\/…\/d1\/database\/([^/]+)\/export$/,
      async (call, [id]) => {
        const name = randomUUID();
        files.set(name, await state.runtime.dump(uuidOf(id)));
        return { ...DONE, result: { filename: name, signed_url: addressOf(call, name) } };
      },
    ],
    [
      "POST",
      /^\/accounts\/…\/d1\/database\/([^/]+)\/import$/,
      async (call, [id]) => {
        const action = textIn(call, "action");
        if (action === "init") {
          const filename = randomUUID();
          return { upload_url: addressOf(call, filename), filename };
        }
        const sql = files.get(textIn(call, "filename"));
        if (sql === undefined) throw new ApiFault(400, 7500, "No such file");
        const answers = await state.runtime.query(uuidOf(id), sql);
        const meta = { duration: 1, rows_read: 0, rows_written: answers.length, size_after: 0 };
        return { ...DONE, result: { num_queries: answers.length, final_bookmark: "bookmark", meta } };
      },
    ],
    ["GET", /^\/files\/([^/]+)$/, (_call, [name = ""]) => new RawAnswer(200, files.get(name))],
    [
      "PUT",
      /^\/files\/([^/]+)$/,
      ({ text }, [name = ""]) => {
        files.set(name, text);
        return new RawAnswer(200, "", { etag: `"${createHash("md5").update(text).digest("hex")}"` });
      },
    ],
    [
      "GET",
      /^\/accounts\/…\/r2\/buckets\/([^/]+)\/objects\/(.+)$/,
      (call, [bucket, key]) => {
        const object = state.objects.get(objectOf(call, bucket, key));
        return object === undefined ? new RawAnswer(404) : new RawAnswer(200, object);
      },
    ],
    [
      "PUT",
      /^\/accounts\/…\/r2\/buckets\/([^/]+)\/objects\/(.+)$/,
      (call, [bucket, key]) => {
        state.objects.set(objectOf(call, bucket, key), call.text);
        return {};
      },
    ],
  ];
}
