/** RFC 3464 delivery reports: the machine-readable part, completed from the text for people. */
import { addressIn, isSameAddress } from "../address.ts";
import { categoryOf, classify, type SmtpRefusal } from "../classify.ts";
import { type Bounce, CATEGORY } from "../outcome.ts";
import { saysFullOrDisabled } from "../phrases/against-recipient.ts";
import { enhancedStatusOf, replyCodeIn, wordsOf } from "../said.ts";
import { type BounceText, commandIn } from "./bounce-text.ts";
import { type Fields, fieldGroupsOf } from "./fields.ts";
import { type Finding, MAX_FINDINGS } from "./finding.ts";
import type { Mail } from "./mail.ts";
import { noticesOf, type RecipientNotice } from "./notice.ts";
import type { ReturnedMail } from "./returned-mail.ts";

const MAX_DETAILS_CHARS = 1_000;
/** How much of all recipients together is read: what strangers write is matched against many phrases. */
const MAX_DETAILS_CHARS_IN_ALL = 20_000;

/** RFC 3464 §2, and RFC 6533 §3 for addresses in Unicode. Some servers prefix it. */
const isStatus = ({ type }: { readonly type: string }) => /^message\/\S{0,20}delivery-status$/.test(type);

/** Undefined when no such part names a recipient. */
export function deliveryFindings(
  { parts }: Mail,
  text: BounceText,
  returned: ReturnedMail,
): readonly Finding[] | undefined {
  const statuses = parts.filter(isStatus).map((part) => part.text);
  return statuses.length === 0 ? undefined : findingsOf(statuses, text, returned);
}

/** A report that lost its MIME structure: its fields are in the text, or in an attachment ("details.txt"). */
export function unwrappedFindings(
  { parts }: Mail,
  text: BounceText,
  returned: ReturnedMail,
): readonly Finding[] | undefined {
  const attached = parts.filter(({ type }) => !type.startsWith("message/")).map((part) => part.text.slice(0, 16_000));
  const reports = [text.lines.join("\n"), ...attached.slice(0, 5)].filter(isReport);
  return reports.length === 0 ? undefined : findingsOf(reports, text, returned);
}

const isReport = (text: string) =>
  /^(?:final|original)-recipient ?:/im.test(text) && /^(?:action|status) ?:/im.test(text);

function findingsOf(
  statuses: readonly string[],
  text: BounceText,
  returned: ReturnedMail,
): readonly Finding[] | undefined {
  const recipients = statuses
    .flatMap((status) => fieldGroupsOf(separated(status), MAX_FINDINGS + 20))
    .filter((fields) => fields.has("action") || fields.has("status") || recipientOf(fields) !== undefined)
    .filter((fields) => fields.has("final-recipient") || recipientOf(fields) !== undefined)
    .slice(0, MAX_FINDINGS);
  const notices = noticesOf(text, { mailed: returned.to });
  // A recipient without a domain ("LOCAL;marie") is the one that the notice or the returned mail names.
  const [only] = notices.length === 1 ? notices : [];
  const fallback = only?.recipient ?? returned.to[0];
  const report: Report = { text, notices, fallback, limit: Math.floor(MAX_DETAILS_CHARS_IN_ALL / recipients.length) };
  const findings = recipients.map((fields) => findingOf(fields, report));
  return findings.every((each) => each === undefined) && !recipients.some((fields) => recipientOf(fields) !== undefined)
    ? undefined
    : findings.flatMap((each) => each ?? []);
}

interface Report {
  readonly text: BounceText;
  readonly notices: readonly RecipientNotice[];
  /** The recipient where the machine-readable part names none. */
  readonly fallback: string | undefined;
  /** The longest details that are read. */
  readonly limit: number;
}

/** Adds the empty line between two recipients that some servers forget. */
function separated(text: string): string {
  let isInRecipient = false;
  return text
    .split(/\r?\n/)
    .map((line) => {
      if (line.trim() === "") isInRecipient = false;
      if (!/^final-recipient\s{0,5}:/i.test(line)) return line;
      const isNextRecipient = isInRecipient;
      isInRecipient = true;
      return isNextRecipient ? `\n${line}` : line;
    })
    .join("\n");
}

function findingOf(fields: Fields, { text, notices, fallback, limit }: Report): Finding | undefined {
  const original = addressOf(fields, "original-recipient");
  const final = recipientOf(fields) ?? fallback;
  const recipient = final !== undefined && isStore(final) ? (original ?? final) : final;
  if (recipient === undefined) return undefined;
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get("status")?.[0] ?? "")?.[0];
  const diagnostic = withoutType(fields.get("diagnostic-code")?.[0]);
  const action = actionOf(fields.get("action")?.[0], status ?? replyCodeIn(diagnostic ?? ""));
  if (action === undefined) return undefined;
  const finding = { recipient, mailed: original, action };
  if (action === "delivered") return finding;
  const notice = notices.find((each) => isSameAddress(each.recipient, recipient));
  const whole = diagnostic ?? notice?.details;
  const details = whole?.slice(0, MAX_DETAILS_CHARS).slice(0, Math.max(limit, 100));
  const isCut = details !== whole || (diagnostic === undefined && notice?.isCut === true);
  const specificStatus = enhancedStatusOf(status, details ?? "");
  const said = { status: specificStatus, details };
  const refusal = { ...said, command: commandIn(text, recipient, said), gaveUp: action === "failed", recipient, isCut };
  return { ...finding, bounce: { ...said, category: categoryIn(text, refusal, diagnostic !== undefined) } };
}

/** What the text says in front of an address, or where it names none, counts, too: "The account is disabled." */
function categoryIn(text: BounceText, refusal: SmtpRefusal, isDiagnostic: boolean): Bounce["category"] {
  const { category: said, isContradicted } = classify(refusal);
  // Words behind an address may be a gateway's footer, and then leave the report's code its meaning.
  const isFooter = said === CATEGORY.unclear && !isContradicted && !isDiagnostic;
  const category = isFooter ? categoryOf({ ...refusal, details: undefined }) : said;
  if (category !== CATEGORY.invalidRecipient) return category;
  const named = text.lines.findIndex((line) => line.includes("@"));
  const before = text.lines.slice(0, named === -1 ? undefined : named).join("\n");
  return saysFullOrDisabled(wordsOf(before.slice(0, MAX_DETAILS_CHARS))) ? CATEGORY.temporary : category;
}

/** "35065@lmtp-daemon": where a mailbox is kept, not its address. */
const isStore = (address: string) => !address.slice(address.lastIndexOf("@")).includes(".");

const withoutType = (value: string | undefined) => value?.replace(/^[\w-]{1,40}\s{0,5};\s{0,5}/, "");

const recipientOf = (fields: Fields) =>
  addressOf(fields, "final-recipient") ??
  addressOf(fields, "x-actual-recipient") ??
  addressOf(fields, "original-recipient");

function addressOf(fields: Fields, name: string): string | undefined {
  return addressIn(withoutType(fields.get(name)?.[0]) ?? "");
}

/** RFC 3464 §2.3.3; without it by the first digit of `code`. Undefined for actions without an outcome ("relayed"). */
function actionOf(action: string | undefined, code: string | undefined): Finding["action"] | undefined {
  switch (/^\s{0,20}([a-z]{1,20})/i.exec(action ?? "")?.[1]?.toLowerCase()) {
    case "failed":
    case "failure":
    case "fail":
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
      return code === undefined || code.startsWith("2") ? undefined : code.startsWith("5") ? "failed" : "delayed";
    default:
      return undefined;
  }
}
