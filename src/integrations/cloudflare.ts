/**
 * A copy in the email that Cloudflare Email Service sends. Cloudflare's events hand back no header and no data of the
 * sender's, so the message token is in the sender's address, "news+<token>@mail.example.com", and replies go to the
 * address without it. Source: Cloudflare Email Service documentation, "Workers API", "REST API" and "Email headers".
 */
import { addressParser } from "postal-mime";
import { DecorateError, PLAIN_ADDRESS, returnPath } from "../decorate/index.ts";
import {
  type CopyParts,
  type DecoratedCopy,
  mergedHeaders,
  partsOf,
  requireMailAndCopy,
  requireOneRecipient,
  without,
} from "./copy.ts";
import { reportWarnings, type WarningOptions } from "./warnings.ts";

/** An address of the binding's. */
type BindingAddress = string | { name: string; email: string };
/** An address of the REST API's. */
type RestAddress = string | { name?: string; address: string };

/** What `env.EMAIL.send` takes, apart from the parts that the copy brings. */
export interface CloudflareEmail {
  readonly from: BindingAddress;
  readonly to?: BindingAddress | BindingAddress[];
  readonly cc?: BindingAddress | BindingAddress[];
  readonly bcc?: BindingAddress | BindingAddress[];
  readonly replyTo?: BindingAddress;
  readonly headers?: Record<string, string>;
}

/** The body of `POST /accounts/{account_id}/email/sending/send`, apart from the parts that the copy brings. */
export interface CloudflareRequest {
  readonly from: RestAddress;
  readonly to?: RestAddress | RestAddress[];
  readonly cc?: RestAddress | RestAddress[];
  readonly bcc?: RestAddress | RestAddress[];
  readonly reply_to?: RestAddress;
  readonly headers?: Record<string, string>;
}

/** What `cloudflareEmail` returns: the same email, from an address that carries the token. */
export type DecoratedCloudflareEmail<Email> = Omit<Email, "html" | "text" | "from" | "replyTo" | "headers"> &
  CopyParts & { from: BindingAddress; replyTo: BindingAddress; headers: Record<string, string> };

/** What `cloudflareRequest` returns: the same body, from an address that carries the token. */
export type DecoratedCloudflareRequest<Email> = Omit<Email, "html" | "text" | "from" | "reply_to" | "headers"> &
  CopyParts & { from: RestAddress; reply_to: RestAddress; headers: Record<string, string> };

/**
 * The email of a Worker's `send_email` binding, with the copy's parts and headers, from an address that carries the
 * message token.
 * @param email what `env.EMAIL.send` takes
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} naming the field: several recipients, a `from` with a "+" of its own, a part that is not in
 *   the copy; `message` when the ids are too long for an address (integers fit)
 * @example
 * await env.EMAIL.send(cloudflareEmail({ from: "news@mail.example.com", to, subject }, copy));
 */
export function cloudflareEmail<Email extends CloudflareEmail>(
  email: Email,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedCloudflareEmail<Email> {
  requireMailAndCopy("email", email, copy);
  const { from, replyTo = from } = email;
  const { name, address } = senderOf(from, copy);
  const others = without(email, "html", "text", "from", "replyTo", "headers");
  const made = {
    ...others,
    ...broughtBy(copy, email),
    from: name === "" ? address : { name, email: address },
    replyTo,
  };
  reportWarnings(copy.warnings, options);
  return made;
}

/**
 * The same for the REST API, whose addresses are `{ address, name }` and whose field is `reply_to`.
 * @param email the body of `POST /accounts/{account_id}/email/sending/send`
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} as `cloudflareEmail`
 * @example
 * const url = `https://api.cloudflare.com/client/v4/accounts/${accountId}/email/sending/send`;
 * const headers = { Authorization: `Bearer ${apiToken}`, "Content-Type": "application/json" };
 * const email = cloudflareRequest({ from: "news@mail.example.com", to, subject }, copy);
 * await fetch(url, { method: "POST", headers, body: JSON.stringify(email) });
 */
export function cloudflareRequest<Email extends CloudflareRequest>(
  email: Email,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedCloudflareRequest<Email> {
  requireMailAndCopy("email", email, copy);
  const { from, reply_to = from } = email;
  const { name, address } = senderOf(from, copy);
  const others = without(email, "html", "text", "from", "reply_to", "headers");
  const made = { ...others, ...broughtBy(copy, email), from: name === "" ? address : { name, address }, reply_to };
  reportWarnings(copy.warnings, options);
  return made;
}

function broughtBy(copy: DecoratedCopy, email: CloudflareEmail | CloudflareRequest) {
  const { to, cc, bcc, headers } = email;
  requireOneRecipient({ to, cc, bcc });
  return { ...partsOf(copy, email, ["html", "text"]), headers: mergedHeaders(headers, copy) };
}

/** The sender whose address carries the token. */
function senderOf(from: BindingAddress | RestAddress, { message }: DecoratedCopy) {
  const [read] = typeof from === "string" ? addressParser(from, { flatten: true }) : [];
  const { name = "", ...given } = typeof from === "string" ? { name: read?.name, address: read?.address } : from;
  const own = "email" in given ? given.email : given.address;
  if (own === undefined || !PLAIN_ADDRESS.test(own))
    throw new DecorateError("from", 'is not an address without a "+": the message token is put behind one');
  const address = returnPath(own, message);
  if (address === undefined)
    throw new DecorateError("message", `does not fit into an address of 64 characters before its "@": use shorter ids`);
  return { name, address };
}
