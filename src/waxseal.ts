/**
 * The library for senders: signs an email's pixel, links and headers for each recipient. Runs in Node and in
 * Workers, and sends no request.
 *
 * ```ts
 * const keys = parseTokenKeys(process.env.TOKEN_KEYS);
 * if (!keys.ok) throw new Error(keys.reason);
 * const template = compile({ html, text }, { keys: keys.value, origin: "https://t.example.com" });
 * for (const { id } of people) {
 *   const { html, text, headers } = template.render({ email: 1042, person: id, campaign: 88012 });
 * }
 * ```
 */
export * from "./decorate/index.ts";
export type { Result } from "./platform/result.ts";
export { addressForm } from "./tokens/address-form.ts";
export type { Link, Message, TokenClaims, TokenUse } from "./tokens/claims.ts";
export { type KeyFault, parseTokenKeys, type TokenKey, type TokenKeys } from "./tokens/keys.ts";
export { signToken } from "./tokens/sign.ts";
export { type TokenRejection, verifyToken } from "./tokens/verify.ts";
