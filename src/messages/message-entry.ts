/** A message in answers: what became of it, bots left out and counted apart. */
import * as v from "valibot";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { messageReference } from "../http/message-reference.ts";
import { IdAnswer, idAnswer, PersonAnswer, personAnswer, SignedAnswer, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { activityFlags, clicksIn, MESSAGE_STATUSES, messageStatusOf } from "../reports/index.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import type { MessageRow } from "./messages.ts";

const BotActivity = v.object({ opened: v.boolean(), clicks: v.number() });

export const MessageEntry = v.pipe(
  v.object({
    message: v.pipe(SignedAnswer, v.description("Leads to it: `/v1/messages/{message}`.")),
    email: IdAnswer,
    campaign: IdAnswer,
    person: PersonAnswer,
    /** The time of its earliest Sent, else of its earliest event. */
    sentAt: TimeAnswer,
    status: v.picklist(MESSAGE_STATUSES),
    opened: v.boolean(),
    openedByPixel: v.boolean(),
    clicks: v.number(),
    unsubscribed: v.boolean(),
    complained: v.boolean(),
    bots: BotActivity,
  }),
  v.title("Message"),
);

export function messageEntry(row: MessageRow, keys: TokenKeys, nowMs: number): v.InferOutput<typeof MessageEntry> {
  const { email, campaign, person, emailName, campaignName, address, since, flags } = row;
  const has = (some: number) => (flags & some) !== 0;
  const activity = activityFlags("exclude");
  const clicks = [...clicksIn(row.clicks).values()].reduce((sum, { people }) => sum + people, 0);
  return {
    message: messageReference(keys, row),
    email: idAnswer(email, emailName),
    campaign: idAnswer(campaign, campaignName),
    person: personAnswer(person, address),
    sentAt: isoTime(since),
    status: messageStatusOf(flags, since, "exclude", nowMs),
    opened: has(activity.opened),
    openedByPixel: has(activity.openedByPixel),
    clicks,
    unsubscribed: has(MESSAGE_FLAGS.unsubscribed),
    complained: has(MESSAGE_FLAGS.complained),
    bots: { opened: has(MESSAGE_FLAGS.openedByBot), clicks: row.botClicks },
  };
}

/** How its status is known, in a sentence. */
export function statusReason({ flags, since }: MessageRow, nowMs: number): string {
  const has = (some: number) => (flags & some) !== 0;
  switch (messageStatusOf(flags, since, "exclude", nowMs)) {
    case "hard_bounced":
      return "The mail server refused it for good.";
    case "soft_bounced":
      return "The mail server refused it for a while, and nothing says that it arrived later.";
    case "pending":
      return "No mail server has answered yet. After three days the message counts as without a response.";
    case "no_response":
      return "No mail server has answered within three days, and nobody has opened it.";
    case "delivered":
      if (has(MESSAGE_FLAGS.delivered)) return "The recipient's mail server accepted it.";
      if (has(activityFlags("exclude").opened))
        return "A person opened it, clicked or unsubscribed, and so it arrived.";
      return "The mail server refused it for a while, and accepted it later.";
  }
}
