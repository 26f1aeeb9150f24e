/** RFC 3464 delivery reports: the machine-readable part, completed from the text for people. */
import { categoryOf, statusOf } from "../classify.ts";
import { addressIn, isSameAddress } from "./address.ts";
import { blocksOf, type Fields } from "./fields.ts";
import { type Finding, MAX_FINDINGS } from "./finding.ts";
import type { BounceMailPart } from "./mail.ts";
import { type BounceText, bounceTextOf, commandIn, noticesOf, type RecipientNotice } from "./notice.ts";

/** RFC 3464 §2, and RFC 6533 §3 for addresses in Unicode. */
const TYPES = ["message/delivery-status", "message/global-delivery-status"];

/** Undefined when no such part names a recipient. `text`: the mail's text for people. */
export function deliveryFindings(parts: readonly BounceMailPart[], text: string): readonly Finding[] | undefined {
  const statuses = parts.filter(({ type }) => TYPES.includes(type));
  if (statuses.length === 0) return undefined;
  const blocks = statuses
    .flatMap((part) => blocksOf(separated(part.text), MAX_FINDINGS + 1))
    .filter((fields) => recipientOf(fields) !== undefined)
    .slice(0, MAX_FINDINGS);
  if (blocks.length === 0) return undefined;
  const bounceText = bounceTextOf(text);
  const notices = noticesOf(bounceText);
  return blocks.flatMap((fields) => findingOf(fields, bounceText, notices) ?? []);
}

/** Adds the empty line between two recipients that some servers forget. */
function separated(text: string): string {
  let isInRecipient = false;
  return text
    .split(/\r?\n/)
    .map((line) => {
      if (line.trim() === "") isInRecipient = false;
      if (!/^final-recipient\s*:/i.test(line)) return line;
      const isNextRecipient = isInRecipient;
      isInRecipient = true;
      return isNextRecipient ? `\n${line}` : line;
    })
    .join("\n");
}

function findingOf(fields: Fields, text: BounceText, notices: readonly RecipientNotice[]): Finding | undefined {
  const original = addressOf(fields, "original-recipient");
  const recipient = recipientOf(fields);
  if (recipient === undefined) return undefined;
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get("status")?.[0] ?? "")?.[0];
  const action = actionOf(fields.get("action")?.[0], status);
  if (action === undefined) return undefined;
  const finding = { recipient, mailed: original, action };
  if (action === "delivered") return finding;
  const diagnostic = fields.get("diagnostic-code")?.[0]?.replace(/^[\w-]+\s*;\s*/, "");
  const details = diagnostic ?? notices.find((notice) => isSameAddress(notice.recipient, recipient))?.details;
  const specificStatus = statusOf(status, details ?? "");
  const command = commandIn(text, recipient, { status: specificStatus, details });
  const category = categoryOf({ status: specificStatus, details, command });
  return { ...finding, bounce: { category, status: specificStatus, details } };
}

const recipientOf = (fields: Fields) =>
  addressOf(fields, "final-recipient") ??
  addressOf(fields, "x-actual-recipient") ??
  addressOf(fields, "original-recipient");

function addressOf(fields: Fields, name: string): string | undefined {
  return addressIn(fields.get(name)?.[0]?.replace(/^[\w-]+\s*;\s*/, "") ?? "");
}

/** RFC 3464 §2.3.3. Undefined for actions without an outcome, for instance "relayed", after which no report follows. */
function actionOf(action: string | undefined, status: string | undefined): Finding["action"] | undefined {
  switch (/^\s*([a-z]+)/i.exec(action ?? "")?.[1]?.toLowerCase()) {
    case "failed":
    case "failure":
    case "expired":
    // Used by OpenSMTPD.
    case "error":
      return "failed";
    case "delayed":
      return "delayed";
    // Accepted at the address that was mailed.
    case "delivered":
    case "expanded":
      return "delivered";
    case undefined:
      return status === undefined || status.startsWith("2") ? undefined : status.startsWith("5") ? "failed" : "delayed";
    default:
      return undefined;
  }
}
