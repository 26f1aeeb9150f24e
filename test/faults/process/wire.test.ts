/** The Worker's answers byte by byte on a socket, without an HTTP library. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../../dev/test-worker.ts";
import { messageTo, signerOf } from "./load.ts";
import { countsOf, drain } from "./log.ts";
import { exchange, type RawAnswer, requestOf } from "./socket.ts";

let worker: InstrumentedWorker;
let signToken: ReturnType<typeof signerOf>;

beforeAll(async () => {
  worker = await startTestWorker();
  signToken = signerOf(worker);
});
afterAll(() => worker.stop());

let persons = 0;
const newPerson = () => `wire-${++persons}`;
const click = (url: string, person = newPerson()) =>
  `/c/${signToken("click", { ...messageTo(person), link: { id: "l", url } })}`;
const open = (person = newPerson()) => `/o/${signToken("open", messageTo(person))}.gif`;
const unsubscribe = (person = newPerson()) => `/u/${signToken("unsubscribe", messageTo(person))}`;

const ask = (method: string, path: string, headers: readonly string[] = [], body?: string) =>
  exchange(worker, requestOf(`${method} ${path}`, headers, body));

describe("a redirect", () => {
  it.each([
    "https://shop.example/",
    "https://shop.example",
    "HTTPS://Shop.Example:443/a/../b?x=1&y=%C3%A9#top",
    "https://shop.example/?next=https://other.example/?a=1&b=2",
    "https://shop.example/%0d%0aSet-Cookie:%20a=b",
  ])("leads to %s byte for byte", async (url) => {
    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await ask(method, click(url));
      expect(status).toBe(302);
      expect(headers.get("location")).toBe(url);
      expect(headers.has("set-cookie")).toBe(false);
    }
  });

  it.each([
    ["https://shop.example/straße?q=日#ü", "https://shop.example/stra%C3%9Fe?q=%E6%97%A5#%C3%BC"],
    ["https://müller.example/ \u00a0💌", "https://xn--mller-kva.example/%20%C2%A0%F0%9F%92%8C"],
    ["https://shop.example/a b\"c'd<e>\\j", "https://shop.example/a%20b%22c'd%3Ce%3E/j"],
    [`https://shop.example/?${"é".repeat(8_000)}`, `https://shop.example/?${"%C3%A9".repeat(8_000)}`],
  ])("leads to %s in ASCII", async (url, location) => {
    const { status, headers } = await ask("GET", click(url));
    expect(status).toBe(302);
    expect(headers.get("location")).toBe(location);
  });
});

describe("HEAD", () => {
  // RFC 9110 §9.3.2: what is found out only while the content is made may be left out.
  const comparable = ({ status, headers }: RawAnswer) => [
    status,
    [...headers].filter(([name]) => name !== "content-length").sort(),
  ];

  it("is answered with the status and the headers of GET, no body, and logs nothing", async () => {
    const person = newPerson();
    const paths = [
      click("https://shop.example/", person),
      open(person),
      unsubscribe(person),
      "/c/x",
      "/u/x",
      "/o/x",
      "/healthz",
      "/nothing",
    ];
    const heads = [];
    for (const path of paths) heads.push(await ask("HEAD", path));
    await drain(worker);
    for (const type of [9, 10, 11]) expect((await countsOf(worker, type)).has(person)).toBe(false);
    for (const [index, path] of paths.entries()) {
      const head = heads[index];
      expect(head?.body).toBe("");
      expect(head && comparable(head)).toEqual(comparable(await ask("GET", path)));
    }
  });
});

describe("a body that is too large", () => {
  const MEGABYTES = 10 * 1024 * 1024;
  const CHUNK = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const credentials = () => `Authorization: Bearer ${worker.apiKey}`;

  it.each([
    "/v1/decorate",
    "/v1/dead-letters/replay",
    "/v1/nothing",
    "/u/x",
  ])("on %s is answered 413 before it has arrived", async (path) => {
    const tooLong = await ask("POST", path, [credentials(), `Content-Length: ${MEGABYTES}`], "{");
    expect(tooLong.status).toBe(413);
    const endless = await ask("POST", path, [credentials(), "Transfer-Encoding: chunked"], CHUNK.repeat(18));
    expect(endless.status).toBe(413);
  });

  it("is not read without credentials", async () => {
    const answer = await ask("POST", "/v1/decorate", [`Content-Length: ${MEGABYTES}`], "{");
    expect(answer.status).toBe(401);
  });
});

describe("what no library would send", () => {
  const JUNK = `" ) . ' % %zz %3E %3C %22 | ^ {} \\ &amp;x=1 &#39; =3D , ; * ~ ! $ + / /x ?utm=1 #top`.split(" ");

  it("is appended to a token by mail clients, and ignored on all three paths", async () => {
    const readers = JUNK.map((junk) => ({ junk, person: newPerson() }));
    for (const { junk, person } of readers) {
      const { headers } = await ask("GET", click("https://shop.example/", person) + junk);
      expect([junk, headers.get("location")]).toEqual([junk, "https://shop.example/"]);
      expect([junk, (await ask("GET", unsubscribe(person) + junk)).status]).toEqual([junk, 200]);
      expect((await ask("GET", open(person) + junk)).headers.get("content-type")).toBe("image/gif");
      expect((await ask("GET", open(person).replace(".gif", junk))).status).toBe(200);
    }
    await drain(worker);
    for (const type of [10, 11]) {
      const counts = await countsOf(worker, type);
      expect(readers.filter(({ person }) => counts.get(person) !== 1)).toEqual([]);
    }
  });

  it.each([
    't.exa"mple',
    "t.example/x y",
    "t.example{}",
    "[::1",
    "t.example:x",
    "<t>",
  ])("is a Host %s, and answered 400", async (host) => {
    const paths = ["/healthz", "/u/x", "/v1/decorate", "/identity/oauth/token", "/rest/v1/activities.json", "/"];
    for (const path of paths) {
      const bytes = Buffer.from([`GET ${path} HTTP/1.1`, `Host: ${host}`, "", ""].join("\r\n"), "latin1");
      expect([path, (await exchange(worker, bytes)).status]).toEqual([path, 400]);
    }
  });

  it("is answered with 4xx or the pixel, never with 5xx, and the Worker keeps serving", async () => {
    const token = click("https://shop.example/").slice(3);
    const starts = [
      "GET /c/\xff\xfe",
      "GET /o/\xff\xfe.gif",
      "GET /u/../c/x",
      "GET /../../etc/passwd",
      "GET //",
      "GET /%",
      "GET *",
      `GET c/${token}`,
      `GET /c/${"A".repeat(60_000)}`,
      `GET /o/${"A".repeat(60_000)}`,
      "POST /v1/decorate",
      "OPTIONS *",
    ];
    for (const start of starts) {
      const answer = await exchange(worker, requestOf(start, []));
      expect([start.slice(0, 20), Math.floor(answer.status / 100)]).toEqual([
        start.slice(0, 20),
        start.includes("/o/A") ? 2 : 4,
      ]);
      expect(answer.headers.has("location")).toBe(false);
    }
    for (const headers of [
      ["Content-Length: -1"],
      ["Content-Length: x"],
      ["Content-Length: 1, 2"],
      [`X: ${"x".repeat(300_000)}`],
      ["No colon"],
    ])
      expect((await ask("GET", "/c/x", headers)).status).toBeLessThan(500);
    expect((await ask("GET", "/healthz")).status).toBe(200);
  });
});
