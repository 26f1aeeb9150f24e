/**
 * The decorate room: one email's HTML, plain text and headers, sealed for one recipient. Pure: the same in Node, Workers
 * and browsers. What it guarantees and gives up stands in `template.ts`.
 */
export { DecorateError, type DecorateOptions, type Recipient, type Tracking } from "./options.ts";
export {
  compile,
  type Decorated,
  decorate,
  type EmailHeaders,
  type EmailSource,
  type Template,
} from "./template.ts";
export type { Warning, WarningCode } from "./warning.ts";
