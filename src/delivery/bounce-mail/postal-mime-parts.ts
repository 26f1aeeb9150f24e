/**
 * What the Worker does not need of postal-mime, 2 KB of its bundle; this stands there instead. Addresses
 * taken apart: `mail.ts` reads From itself. Attachments as base64: it takes them as bytes.
 */
export default (): readonly never[] => [];
export const base64ArrayBuffer = (): string => "";
