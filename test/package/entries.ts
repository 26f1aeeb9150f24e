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

const KEYS = "1:I8zBG95QXykHjLCHlcVOWj8GOW46LnIjeUcDPYxHRpo";

const COPY = `
const copy = { html: "<p>Hello</p>", headers: { "X-Waxseal-Message": "token" }, message: "token" };`;

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
  "./brevo": {
    imports: ["brevoEmail"],
    program: `${COPY}
const result = String(brevoEmail({ to: [{ email: "marie@example.com" }] }, copy).headers["X-Mailin-custom"]);`,
    result: '{"waxseal":"token"}',
  },
  "./cloudflare": {
    imports: ["cloudflareEmail"],
    program: `${COPY}
const result = String(cloudflareEmail({ from: "news@example.com", to: "marie@example.com" }, copy).replyTo);`,
    result: "news@example.com",
  },
  "./mailgun": {
    imports: ["mailgunMessage"],
    program: `${COPY}
const result = String(mailgunMessage({ to: "marie@example.com" }, copy)["v:waxseal"]);`,
    result: "token",
  },
  "./nodemailer": {
    imports: ["waxseal"],
    program: `
const plugin = waxseal({ keys: "${KEYS}", origin: "https://t.example.com" });
const data = { to: "marie@example.com", html: "<p>Hello</p>", waxseal: { email: 1043, person: 7, campaign: 88013 } };
const envelope = { from: "news@example.com", to: ["marie@example.com"] };
const message = {
  getEnvelope: () => envelope,
  setEnvelope: () => undefined,
  getAddresses: () => envelope,
  getHeader: () => undefined,
};
const mail = { data, message, mailer: { use: () => undefined }, resolveContent: async () => "" };
await new Promise((resolve) => plugin(mail, resolve));
const result = /https:..t.example.com.o./.test(mail.data.html) ? "decorated" : mail.data.html;`,
    result: "decorated",
  },
  "./postmark": {
    imports: ["postmarkMessage"],
    program: `${COPY}
const result = String(postmarkMessage({ To: "marie@example.com" }, copy).Metadata["waxseal"]);`,
    result: "token",
  },
  "./resend": {
    imports: ["resendEmail"],
    program: `${COPY}
const result = String(resendEmail({ to: "marie@example.com" }, copy).tags[0]?.value);`,
    result: "token",
  },
  "./sendgrid": {
    imports: ["sendgridMail"],
    program: `${COPY}
const result = String(sendgridMail({ to: "marie@example.com" }, copy).customArgs["waxseal"]);`,
    result: "token",
  },
  "./ses": {
    imports: ["sesEmail"],
    program: `${COPY}
const result = String(sesEmail({ Content: { Simple: { Subject: { Data: "News" } } } }, copy).EmailTags[0]?.Value);`,
    result: "token",
  },
};
