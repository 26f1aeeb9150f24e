/** RFC 3464 delivery reports, the part that machines read, with what the part for people adds to it. */
import { categoryOf, statusOf } from "../classify.ts";
import { addressIn, isSameAddress } from "./address.ts";
import { blocksOf, type Fields } from "./fields.ts";
import { FINDINGS_READ, type Finding } from "./finding.ts";
import type { Part } from "./mail.ts";
import { commandIn, type Notice, noticesIn, type Told, toldIn } from "./notice.ts";

/** RFC 3464 §2, and RFC 6533 §3 for addresses in Unicode. */
const TYPES = ["message/delivery-status", "message/global-delivery-status"];

/** Undefined: the mail has no such part that names a recipient. `text` is what people read of it. */
export function deliveryFindings(parts: readonly Part[], text: string): readonly Finding[] | undefined {
  const statuses = parts.filter(({ type }) => TYPES.includes(type));
  if (statuses.length === 0) return undefined;
  const blocks = statuses
    .flatMap((part) => blocksOf(separated(part.text), FINDINGS_READ + 1))
    .filter((fields) => recipientOf(fields) !== undefined)
    .slice(0, FINDINGS_READ);
  if (blocks.length === 0) return undefined;
  const told = toldIn(text);
  const notices = noticesIn(told);
  return blocks.flatMap((fields) => findingOf(fields, told, notices) ?? []);
}

/** Some servers forget the empty line between two recipients. */
function separated(text: string): string {
  let seen = false;
  return text
    .split(/\r?\n/)
    .map((line) => {
      if (line.trim() === "") seen = false;
      if (!/^final-recipient\s*:/i.test(line)) return line;
      const again = seen;
      seen = true;
      return again ? `\n${line}` : line;
    })
    .join("\n");
}

function findingOf(fields: Fields, told: Told, notices: readonly Notice[]): Finding | undefined {
  const original = addressOf(fields, "original-recipient");
  const recipient = recipientOf(fields);
  if (recipient === undefined) return undefined;
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get("status")?.[0] ?? "")?.[0];
  const action = actionOf(fields.get("action")?.[0], status);
  if (action === undefined) return undefined;
  const named = { recipient, mailed: original, action };
  if (action === "delivered") return named;
  const said = fields.get("diagnostic-code")?.[0]?.replace(/^[\w-]+\s*;\s*/, "");
  const details = said ?? notices.find((notice) => isSameAddress(notice.recipient, recipient))?.details;
  const most = statusOf(status, details ?? "");
  const command = commandIn(told, recipient, { status: most, details });
  return {
    ...named,
    bounce: {
      category: categoryOf({ status: most, details, command }),
      status: most,
      details,
    },
  };
}

const recipientOf = (fields: Fields) =>
  addressOf(fields, "final-recipient") ??
  addressOf(fields, "x-actual-recipient") ??
  addressOf(fields, "original-recipient");

function addressOf(fields: Fields, name: string): string | undefined {
  return addressIn(fields.get(name)?.[0]?.replace(/^[\w-]+\s*;\s*/, "") ?? "");
}

/** RFC 3464 §2.3.3. Undefined: nothing that concerns the log, as "relayed", which nobody will hear of again. */
function actionOf(action: string | undefined, status: string | undefined): Finding["action"] | undefined {
  switch (/^\s*([a-z]+)/i.exec(action ?? "")?.[1]?.toLowerCase()) {
    case "failed":
    case "failure":
    case "expired":
    // OpenSMTPD's word.
    case "error":
      return "failed";
    case "delayed":
      return "delayed";
    // Accepted where the sender had addressed it, whatever became of the copies.
    case "delivered":
    case "expanded":
      return "delivered";
    case undefined:
      return status === undefined || status.startsWith("2")
        ? undefined
        : status.startsWith("5")
          ? "failed"
          : "delayed";
    default:
      return undefined;
  }
}
