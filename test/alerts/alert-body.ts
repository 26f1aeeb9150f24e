/** The body of a post to ALERT_WEBHOOK about the Worker's health, with no field but these. */
import * as v from "valibot";

const time = v.pipe(v.string(), v.isoTimestamp());

export const AlertBody = v.strictObject({
  type: v.picklist(["health_warning.began", "health_warning.ended"]),
  timestamp: time,
  text: v.string(),
  data: v.strictObject({
    warning: v.string(),
    since: time,
    text: v.string(),
    origin: v.optional(v.string()),
  }),
});
