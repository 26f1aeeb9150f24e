/**
 * What the Worker does not need of postal-mime, 3 KB of its bundle; this stands there instead. Addresses
 * taken apart: `mail.ts` reads From itself. Attachments as base64: it takes them as bytes. The list of all labels of encodings: the
 * runtime knows it.
 */
export default (): readonly never[] => [];
export const base64ArrayBuffer = (): string => "";
export const encodingLabels = {
  has(label: string): boolean {
    try {
      return new TextDecoder(label).encoding !== "";
    } catch {
      return false;
    }
  },
};
