/** Decorating one email's HTML, plain text and headers for one recipient; `template.ts` says what it guarantees. */
export type { Described, EmailDescription, NamedId } from "./describe.ts";
export type { DecoratedLink } from "./links.ts";
export {
  DecorateError,
  type DecorateOptions,
  type PixelPosition,
  type Recipient,
  type Tracking,
  type UnsubscribeOffer,
  type Variables,
} from "./options.ts";
export type { Utm } from "./query.ts";
export { PLAIN_ADDRESS, returnPath } from "./return-path.ts";
export {
  compile,
  type Decorated,
  decorate,
  type EmailHeaders,
  type EmailSource,
  type Template,
} from "./template.ts";
export type { Warning, WarningCode } from "./warning.ts";
