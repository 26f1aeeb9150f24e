/**
 * An event as the export of a person shows it: in the feed's form, with what else the log keeps of it. Unlike the feed
 * it also shows what never counted.
 */
import * as v from "valibot";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import type { PixelLoad } from "../events/pixel-loads.ts";
import { AUTOMATED_OPEN } from "../events/row.ts";
import { IdAnswer, idAnswer, Label, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { addDecision, type Details, EventAnswer, type EventRow, RequestAnswer } from "./event-answer.ts";
import { shownEvent } from "./shown-event.ts";

const PixelLoads = v.pipe(
  v.array(
    v.object({
      at: TimeAnswer,
      campaign: IdAnswer,
      userAgent: v.optional(Label),
      isBot: v.boolean(),
      botPattern: v.optional(Label),
    }),
  ),
  v.description("Each load of the pixel that is kept, where there was more than one."),
);
const MORE = { recordedAt: TimeAnswer, loads: v.optional(PixelLoads) };
/** What is left of an event that counts no more, or what never counted. */
const UNCOUNTED = {
  cause: v.optional(v.string()),
  who: v.optional(v.string()),
  why: v.optional(v.string()),
  request: v.optional(RequestAnswer),
  userAgent: v.optional(Label),
  provider: v.optional(v.pipe(Label, v.description("Whose own pixel was loaded by what it calls a bot."))),
};

export const KeptEvent = v.pipe(
  v.variant(
    "type",
    EventAnswer.options.map((form) =>
      "was" in form.entries
        ? v.object({ ...form.entries, was: v.optional(form.entries.was), ...MORE, ...UNCOUNTED })
        : v.object({ ...form.entries, ...MORE }),
    ),
  ),
  v.title("KeptEvent"),
);

export function keptEvent(row: EventRow, keys: TokenKeys, seesAddresses: boolean): Readonly<Record<string, unknown>> {
  const details = (row.detail === null ? {} : JSON.parse(row.detail)) as KeptDetails;
  const shown: Record<string, unknown> = shownEvent(row, keys, seesAddresses);
  if (row.type === FILTERED_TYPE_ID) addUncounted(shown, row, details);
  const loads = details.loads === undefined ? {} : { loads: details.loads.map(loadAnswer) };
  return { ...shown, recordedAt: isoTime(row.recordedAt), ...loads };
}

interface KeptDetails extends Details {
  readonly loads?: readonly PixelLoad[];
  readonly [AUTOMATED_OPEN]?: string;
}

function addUncounted(shown: Record<string, unknown>, row: EventRow, details: KeptDetails): void {
  // It was never in the feed: what was reported.
  if (details.retracted === undefined) shown.was = decisionOf(details);
  addDecision(shown, row, details);
  if (row.userAgent !== null && shown.request === undefined) shown.userAgent = row.userAgent;
  if (details[AUTOMATED_OPEN] !== undefined) shown.provider = details[AUTOMATED_OPEN];
}

/** Undefined for a load of a provider's pixel. */
function decisionOf({ cause, by, formFields }: KeptDetails): "unsubscribed" | "subscribed" | undefined {
  if (cause != null) return "unsubscribed";
  return by != null || formFields != null ? "subscribed" : undefined;
}

function loadAnswer({ at, campaign, userAgent, bot, reclassified }: PixelLoad) {
  const pattern = bot || reclassified;
  return {
    at: isoTime(at),
    campaign: idAnswer(campaign),
    ...(userAgent === null || userAgent === "" ? {} : { userAgent }),
    isBot: bot !== undefined || reclassified !== undefined,
    ...(pattern ? { botPattern: pattern } : {}),
  };
}
