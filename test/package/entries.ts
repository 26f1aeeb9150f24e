/**
 * What a program imports of each entry of package.json's `exports`, and one that uses it. `program` is JavaScript and
 * strict TypeScript at once, ends with `const result = …`, and needs nothing but its imports.
 */
export interface Entry {
  readonly imports: readonly string[];
  readonly program: string;
  /** What `result` is. */
  readonly result: string;
}

const KEYS = "1:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";

export const ENTRIES: Readonly<Record<string, Entry>> = {
  ".": {
    imports: ["compile", "parseTokenKeys", "verifyToken"],
    program: `
const keys = parseTokenKeys("${KEYS}");
if (!keys.ok) throw new Error(keys.reason);
const template = compile(
  { html: '<p><a href="https://example.com/">Read on</a>. {{unsubscribe}}</p>' },
  { keys: keys.value, origin: "https://t.example.com" },
);
const copy = template.render({ email: 1043, person: 7, campaign: 88013 });
const [link = "", token = ""] = /https:..t.example.com.c.([^"]+)/.exec(copy.html ?? "") ?? [];
const verified = verifyToken(keys.value, "click", token);
const result = verified.ok ? verified.value.person : link;`,
    result: "7",
  },
  "./client": {
    imports: ["createClient"],
    program: `
const fetch = async () => Response.json({ data: [{ id: "1", reason: "full" }] });
const client = createClient({ origin: "https://t.example.com", apiKey: "key", fetch });
const { data } = await client.GET("/v1/dead-letters");
const result = String(data?.data[0]?.id);`,
    result: "1",
  },
  "./nodemailer": {
    imports: ["waxseal"],
    program: `
const plugin = waxseal({ keys: "${KEYS}", origin: "https://t.example.com" });
const data = { to: "marie@example.com", html: "<p>Hello</p>", waxseal: { email: 1043, person: 7, campaign: 88013 } };
const mail = { data, resolveContent: async () => "" };
await new Promise((resolve) => plugin(mail, resolve));
const result = /https:..t.example.com.o./.test(mail.data.html) ? "decorated" : mail.data.html;`,
    result: "decorated",
  },
};
