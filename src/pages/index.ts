// STUB by the lead, to be overwritten or deleted by whoever writes the pages
export type Language = "en" | "fr";
export interface Page {
  html: string;
  csp: string;
}
type P = { sender?: { name: string; color: string }; maskedAddress?: string; language: Language };
const csp = "default-src 'none'";
const e = (s: string) => s.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const mk = (p: P, v: string): Page => ({
  html: `<form method="post">${e(p.sender?.name ?? "")} ${p.maskedAddress ?? ""} <input value="${v}"></form>`,
  csp,
});
export const unsubscribePage = (p: P) => mk(p, "unsubscribe"),
  unsubscribedPage = (p: P) => mk(p, "subscribe"),
  subscribedPage = (p: P) => mk(p, "unsubscribe"),
  unavailablePage = (p: P) => mk(p, ""),
  badLinkPage = (p: P) => mk(p, "");
export const maskAddress = (a: string) => `x@${a.length}`;
export const pickLanguage = (_: string | null): Language => "en";
