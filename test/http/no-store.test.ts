/** No cache keeps an answer that holds a person's data or a secret, no browser guesses its type, and HTTPS stays. */
import { expect, it } from "vitest";
import { ask, newMessage, token } from "../worker.ts";

const headers = { Authorization: "Bearer wxs_dev_test", "Content-Type": "application/json" };
const body = JSON.stringify({ email: { id: "7" }, person: { id: "no-store" }, campaign: { id: "42" }, text: "Hello" });
const CLICK = `/c/${token("click", { ...newMessage(), link: { id: "a", url: "https://x.example/" } })}`;

it.each<[string, string, RequestInit<IncomingRequestCfProperties>, number]>([
  ["health", "/healthz", {}, 200],
  ["a decorated email", "/v1/decorate", { method: "POST", headers, body }, 200],
  ["a refused body", "/v1/decorate", { method: "POST", headers, body: "{" }, 400],
  ["dead letters", "/v1/dead-letters", { headers }, 200],
  ["replayed dead letters", "/v1/dead-letters/replay", { method: "POST", headers, body: '{"ids":[]}' }, 200],
  ["a report", "/v1/reports/emails", { headers }, 200],
  ["a call without a key", "/v1/decorate", { method: "POST", body }, 401],
  ["a path of Marketo's API without a token", "/rest/v1/activities.json", {}, 200],
  ["a path that is not there", "/nothing", {}, 404],
  ["a recipient's page", `/u/${token("unsubscribe", newMessage())}`, {}, 200],
  ["a page of a bad link", "/u/x", {}, 404],
  ["a page of a bad link in an email", "/c/x", {}, 404],
  ["a request to no address", "/healthz", { headers: { Host: 'a"b' } }, 400],
  ["a method that a link does not take", "/c/x", { method: "POST" }, 405],
  ["a method that a pixel does not take", "/o/x", { method: "POST" }, 405],
  ["a redirect", CLICK, {}, 302],
  ["a redirect that is asked for by HEAD", CLICK, { method: "HEAD" }, 302],
  ["a pixel", `/o/${token("open", newMessage())}.gif`, {}, 200],
  ["a pixel of a bad token", "/o/x.gif", { method: "HEAD" }, 200],
  ["an access token that is refused", "/identity/oauth/token", {}, 400],
  ["what a page follows, for who is signed out", "/app/live", {}, 401],
  ["the way to sign in", "/app/messages", {}, 303],
  ["an unknown provider's webhook", "/v1/webhooks/x", { method: "POST", body }, 404],
])("no cache stores %s, and it is what it says", async (_what, path, init, status) => {
  const answer = await ask(path, init);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("Cache-Control")).toMatch(/^no-store(?:,|$)/);
  expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(answer.headers.get("Strict-Transport-Security")).toBe("max-age=31536000");
});
