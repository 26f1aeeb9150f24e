/** TRACKING_ORIGINS: further origins where decorated links lead, each a brand with its name and colour. */
import * as v from "valibot";
import { isOrigin } from "../decorate/options.ts";
import type { Color } from "../platform/color.ts";
import { ok, type Result, refused } from "../platform/result.ts";

/** An origin that decorated links can lead to. Its pages for recipients are a brand's. */
export interface TrackingOrigin {
  readonly origin: string;
  readonly name: string;
  /** Undefined: SENDER_COLOR. */
  readonly color: Color | undefined;
}

const Brand = v.strictObject(
  {
    name: v.pipe(v.string("is no text"), v.minLength(1, "is empty"), v.maxLength(200, "is longer than 200 characters")),
    color: v.optional(
      v.pipe(
        v.string("is no text"),
        v.regex(/^#[0-9a-f]{6}$/i, 'is not written like "#7a1f2b"'),
        v.transform((text): Color => `#${text.slice(1)}`),
      ),
    ),
  },
  "is not a brand with a name",
);
const Origins = v.record(
  v.pipe(v.string(), v.check(isOrigin, "is no origin in lower case, without a slash at its end")),
  Brand,
  "is no object of origins",
);

const EXAMPLE = '{"https://t.example.com": {"name": "Weekly letter", "color": "#7a1f2b"}}';

/** @returns the origins in their order, or a sentence that says what is wrong */
export function parseTrackingOrigins(text: string): Result<readonly TrackingOrigin[], string> {
  if (text.trim() === "") return ok([]);
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(undefined, "is no JSON"), Origins), text);
  if (read.success)
    return ok(Object.entries(read.output).map(([origin, { name, color }]) => ({ origin, name, color })));
  const [{ message }] = read.issues;
  const at = v.getDotPath(read.issues[0]);
  return refused(`TRACKING_ORIGINS must be like ${EXAMPLE}, or empty: ${at === null ? "it" : at} ${message}.`);
}
