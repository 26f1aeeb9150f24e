/** The counts of messages in answers: JSON entries and columns of a CSV. */
import * as v from "valibot";
import type { MessageCounts } from "./counts.ts";
import { type Columns, share } from "./report.ts";

const Rate = v.nullable(v.number());

/** The fields of an entry that counts messages. */
export const COUNT_FIELDS = {
  sent: v.number(),
  delivered: v.number(),
  hardBounced: v.number(),
  softBounced: v.number(),
  pending: v.number(),
  noResponse: v.number(),
  opened: v.number(),
  openedByPixel: v.number(),
  clicked: v.number(),
  unsubscribed: v.number(),
  complained: v.number(),
  bots: v.object({ opened: v.number(), clicked: v.number(), clicks: v.number() }),
  rates: v.object({
    delivered: Rate,
    bounced: Rate,
    opened: Rate,
    clicked: Rate,
    unsubscribed: Rate,
    complained: Rate,
    clickedOfOpened: Rate,
  }),
};

/** Delivered and bounced are shares of sent, by either kind of bounce; what people did is one of delivered. */
export function ratesOf(counts: MessageCounts) {
  const { sent, delivered, opened, clicked, unsubscribed, complained } = counts;
  return {
    delivered: share(delivered, sent),
    bounced: share(counts.hardBounced + counts.softBounced, sent),
    opened: share(opened, delivered),
    clicked: share(clicked, delivered),
    unsubscribed: share(unsubscribed, delivered),
    complained: share(complained, delivered),
    clickedOfOpened: share(clicked, opened),
  };
}

/** For a CSV, after the columns that say what is counted. */
export const COUNT_COLUMNS: Columns<MessageCounts> = {
  Sent: ({ sent }) => sent,
  Delivered: ({ delivered }) => delivered,
  "Hard Bounced": ({ hardBounced }) => hardBounced,
  "Soft Bounced": ({ softBounced }) => softBounced,
  Pending: ({ pending }) => pending,
  "No Response": ({ noResponse }) => noResponse,
  Opened: ({ opened }) => opened,
  "Opened by Pixel": ({ openedByPixel }) => openedByPixel,
  "Clicked Link": ({ clicked }) => clicked,
  Unsubscribed: ({ unsubscribed }) => unsubscribed,
  Complained: ({ complained }) => complained,
  "Delivered of Sent": (row) => ratesOf(row).delivered,
  "Bounced of Sent": (row) => ratesOf(row).bounced,
  "Opened of Delivered": (row) => ratesOf(row).opened,
  "Clicked of Delivered": (row) => ratesOf(row).clicked,
  "Unsubscribed of Delivered": (row) => ratesOf(row).unsubscribed,
  "Complained of Delivered": (row) => ratesOf(row).complained,
  "Clicked of Opened": (row) => ratesOf(row).clickedOfOpened,
  "Bots: Opened": ({ bots }) => bots.opened,
  "Bots: Clicked": ({ bots }) => bots.clicked,
  "Bots: Clicks": ({ bots }) => bots.clicks,
};
