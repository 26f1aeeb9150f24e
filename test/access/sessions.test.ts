/** Sessions of the dashboard: how long their tokens are accepted, by `/v1` as by pages. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { addClient, setRevoked } from "../../src/access/clients.ts";
import { SCOPES } from "../../src/access/scope.ts";
import {
  beginSession,
  deleteExpiredSessions,
  endSession,
  endSessionsOf,
  findSession,
  keyHolder,
  SESSION_LIFE_MS,
  type SessionHolder,
} from "../../src/access/sessions.ts";
import { signText } from "../../src/tokens/signed-text.ts";
import { keys, newClient } from "../marketo/marketo.ts";
import { ask, environment, newMessage, token as tokenOfEmail } from "../worker.ts";

const NOW_MS = Date.now();
const HOUR_MS = 3_600_000;

const holderOfKey = (): SessionHolder => {
  const holder = keyHolder(env, "wxs_dev_test");
  if (holder === undefined) throw new Error("there is no such key");
  return holder;
};
const ofKey = (nowMs = NOW_MS, around: Env = env) => beginSession(around, holderOfKey(), SCOPES, nowMs);
/** What becomes of a token: the session's name, or why it is refused. */
const found = async (token: string, nowMs = NOW_MS, around: Env = env) => {
  const session = await findSession(around, token, nowMs);
  return session.ok ? session.value.name : session.reason;
};

describe("a session's token", () => {
  it("is accepted for 12 hours", async () => {
    const token = await ofKey();
    expect(await found(token)).toBe("API key");
    expect(await found(token, NOW_MS + SESSION_LIFE_MS - 1)).toBe("API key");
    expect(await found(token, NOW_MS + SESSION_LIFE_MS)).toBe("expired");
    const old = await ofKey(NOW_MS - 12 * HOUR_MS);
    const answer = await ask("/v1/retries", { headers: { Authorization: `Bearer ${old}` } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("twelve hours old") } });
  });

  it("is no longer one than its row says, whatever it says itself", async () => {
    const id = crypto.randomUUID();
    const begun = await ofKey(NOW_MS - HOUR_MS);
    const forever = (sessionId: string) => signText(keys, "session", `${NOW_MS + 1e12} ${sessionId}`);
    expect(await found(forever(id))).toBe("over");
    const row = await env.DB.prepare("SELECT id FROM sessions ORDER BY created_at LIMIT 1").first<{ id: string }>();
    expect(await found(begun)).toBe("API key");
    expect(await found(forever(row?.id ?? ""), NOW_MS + SESSION_LIFE_MS)).toBe("over");
  });

  it("is refused when it is forged, cut, of another use or of another key, without a read of D1", async () => {
    const token = await ofKey();
    const { token: accessToken } = await newClient("admin");
    const noD1 = environment({ DB: Object.create(null) });
    const others = [
      "",
      "x",
      `${token}x`,
      token.slice(0, -1),
      `${token}.${token}`,
      accessToken,
      signText(keys, "page", `${NOW_MS + HOUR_MS} x`),
      tokenOfEmail("open", newMessage()),
    ];
    for (const other of others) expect(await found(other, NOW_MS, noD1)).toBe("forged");
    const rotated = environment({ TOKEN_KEYS: `3:dev:${"BwYF".repeat(10)}BwY`, DB: env.DB });
    expect(await found(token, NOW_MS, rotated)).toBe("forged");
    expect(await found(await ofKey(NOW_MS - 12 * HOUR_MS), NOW_MS, noD1)).toBe("expired");
    for (const text of ["", "x y", `NaN ${crypto.randomUUID()}`, `${NOW_MS + HOUR_MS}`]) {
      expect(await found(signText(keys, "session", text))).not.toBe("API key");
    }
  });

  it("is no client's secret or access token: Marketo's API does not take it", async () => {
    const answer = await ask("/rest/v1/activities/types.json", {
      headers: { Authorization: `Bearer ${await ofKey()}` },
    });
    expect(await answer.json()).toMatchObject({ success: false, errors: [{ code: "601" }] });
  });

  it("is refused once its API key is taken out of API_KEYS", async () => {
    const token = await ofKey();
    const other = "wxs_dev_other";
    expect(await found(token, NOW_MS, environment({ API_KEYS: `${other} wxs_dev_test` }))).toBe("API key");
    expect(await found(token, NOW_MS, environment({ API_KEYS: other }))).toBe("over");
    expect(await found(token, NOW_MS, environment({ API_KEYS: "" }))).toBe("over");
  });

  it("is refused once its client is revoked, or has lost a scope", async () => {
    const scopes = ["read", "send"] as const;
    const client = await addClient(env.DB, { name: "Support", scopes, createdAtMs: NOW_MS });
    const holder = { kind: "client", holder: client.id } as const;
    const token = await beginSession(env, holder, scopes, NOW_MS);
    const setScopes = (text: string) =>
      env.DB.prepare("UPDATE clients SET scopes = ?1 WHERE id = ?2").bind(text, client.id).run();
    expect(await found(token)).toBe("Support");
    await setScopes("read send admin");
    expect(await found(token)).toBe("Support");
    await setScopes("read");
    expect(await found(token)).toBe("over");
    await setScopes("read send");
    await setRevoked(env.DB, client.id, NOW_MS);
    expect(await found(token)).toBe("over");
    // A client whose id is the hash of a key is no holder of that key.
    const { holder: hash } = holderOfKey();
    expect(await found(await beginSession(env, { kind: "client", holder: hash }, SCOPES, NOW_MS))).toBe("over");
  });

  it("costs a row that is deleted once it has expired", async () => {
    await env.DB.prepare("DELETE FROM sessions").run();
    const [old, ended] = [await ofKey(NOW_MS - 12 * HOUR_MS), await ofKey()];
    const session = await findSession(env, ended, NOW_MS);
    if (!session.ok) throw new Error(session.reason);
    await endSession(env.DB, session.value, NOW_MS);
    const count = () => env.DB.prepare("SELECT count(*) AS count FROM sessions").first<number>("count");
    expect(await count()).toBe(2);
    await endSessionsOf(env.DB, [{ kind: "access", holder: "ana@example.com" }], NOW_MS);
    const signOuts = () => env.DB.prepare("SELECT count(*) AS count FROM access_sign_outs").first("count");
    await deleteExpiredSessions(env.DB, NOW_MS);
    expect([await count(), await signOuts()]).toEqual([1, 1]);
    await deleteExpiredSessions(env.DB, NOW_MS + 33 * 24 * HOUR_MS);
    expect([await count(), await signOuts()]).toEqual([0, 0]);
    expect([await found(old), await found(ended)]).toEqual(["expired", "over"]);
  });
});
