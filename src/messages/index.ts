/** Messages as `/v1` shows them. */
export { MessageEntry, messageEntry } from "./message-entry.ts";
export { MESSAGE_COLUMNS, type MessageRow } from "./messages.ts";
