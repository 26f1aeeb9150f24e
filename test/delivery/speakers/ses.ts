import { makeSigner } from "../providers/certificate.ts";
import { notification, signed, TOPIC } from "../providers/sns-message.ts";
import { AT, HOUR, MINUTE, type Speaker } from "./speaker.ts";

export const amazon = makeSigner(new Date(Date.now() - 24 * HOUR), new Date(Date.now() + 24 * HOUR));

const recipients = (address: string) => [{ emailAddress: address }];

export const ses: Speaker = {
  name: "ses",
  setting: { SES_TOPICS: TOPIC },
  settingOfOther: { SES_TOPICS: "arn:aws:sns:eu-west-1:123456789012:another" },
  windowMs: 65 * MINUTE,
  sign: (Message, atMs) => ({
    headers: { "Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification" },
    body: signed(notification(atMs, { Message }), amazon),
  }),
  delivered: (token, address) =>
    JSON.stringify({
      eventType: "Delivery",
      delivery: { timestamp: AT, recipients: [address] },
      mail: { messageId: "0100018f", destination: [address], tags: { waxseal: [token] } },
    }),
  softBounced: (token, address, feedbackId) =>
    JSON.stringify({
      eventType: "Bounce",
      bounce: {
        bounceType: "Transient",
        bounceSubType: "MailboxFull",
        bouncedRecipients: recipients(address),
        timestamp: AT,
        feedbackId,
      },
      mail: { messageId: "0100018f", destination: [address], tags: { waxseal: [token] } },
    }),
};
