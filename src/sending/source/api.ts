/** GET /v1/emails/{email}/source: the HTML that is kept of an email, with links that lead nowhere and ids in them. */
import * as v from "valibot";
import { sourceKey } from "../../decorate/source-key.ts";
import { ApiError, orStorageUnavailable } from "../../http/errors.ts";
import { operation } from "../../http/operation.ts";
import { fields, IdParameter } from "../../http/schemas.ts";
import { cleanHtml } from "./clean.ts";
import { CONTENT_TYPE } from "./keep.ts";

/** The HTML is cleaned; this is the second guard. */
export function sourcePolicy(pictures: boolean, ancestors: "'none'" | "'self'"): string {
  const from = pictures ? "https: data:" : "'none'";
  return [
    "sandbox",
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src ${from}`,
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${ancestors}`,
  ].join("; ");
}

export const showSource = operation({
  summary: "Show an email's HTML",
  description:
    "What was decorated last with `keepSource`, or described with `html`, without what is personal and without " +
    "whatever runs, loads or leads anywhere. Decorated links lead to `#waxseal-link-` and their id, which is that of " +
    "`/v1/reports/links`. Pictures are there with `pictures=1`.",
  params: fields({ email: IdParameter }),
  query: fields({ pictures: v.optional(v.picklist(["0", "1"], "must be 0 or 1"), "0") }),
  answers: { 200: { description: "The HTML, for a frame", contentType: "text/html", hasNoAddresses: true } },
  errors: [404],
  example: { params: { email: "1042" } },
  handle: async (context, { params, query }) => {
    const kept = await orStorageUnavailable("The email's source could not be read", async () => {
      const object = await context.env.EMAIL_SOURCES.get(sourceKey(params.email));
      return object === null ? undefined : { html: await object.text(), keptAt: object.uploaded };
    });
    const pictures = query.pictures === "1";
    // Again: what was kept by an older version is shown by the rules of this one.
    const shown = kept && cleanHtml(kept.html, { pictures, personal: { person: {}, parameters: [] } });
    if (kept === undefined || shown?.ok !== true) throw notKept();
    return new Response(shown.value, {
      headers: {
        "Content-Type": CONTENT_TYPE,
        "Content-Security-Policy": sourcePolicy(pictures, "'none'"),
        "Referrer-Policy": "no-referrer",
        "Last-Modified": kept.keptAt.toUTCString(),
      },
    });
  },
});

function notKept(): ApiError {
  const message = 'No source of this email is kept. Decorate it with "keepSource": true.';
  return new ApiError({ status: 404, code: "not_found", message });
}
