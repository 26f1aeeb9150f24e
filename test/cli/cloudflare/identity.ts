/** Who asks, and what they may see. */
import { RawAnswer, type Route } from "./api.ts";

export const identityRoutes = (): Route[] => [
  ["GET", /^\/user\/tokens\/verify$/, () => ({ id: "token", status: "active" })],
  // Without the permission to read analytics.
  [
    "POST",
    /^\/graphql$/,
    () => new RawAnswer(200, JSON.stringify({ data: null, errors: [{ message: "not authorized" }] })),
  ],
  ["GET", /^\/user$/, () => ({ id: "user", email: "ana@example.com" })],
  ["GET", /^\/accounts$/, () => [{ id: "0123456789abcdef0123456789abcdef", name: "Acme" }]],
  ["GET", /^\/memberships$/, () => [{ account: { id: "0123456789abcdef0123456789abcdef", name: "Acme" } }]],
];
