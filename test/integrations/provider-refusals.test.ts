/** What the functions of the providers refuse, and what else they do to a mail. */
import { describe, expect, it, vi } from "vitest";
import { type Decorated, decorate } from "../../src/decorate/index.ts";
import { brevoEmail } from "../../src/integrations/brevo.ts";
import { cloudflareEmail, cloudflareRequest } from "../../src/integrations/cloudflare.ts";
import type { DecoratedCopy } from "../../src/integrations/copy.ts";
import { mailgunMessage } from "../../src/integrations/mailgun.ts";
import { postmarkMessage } from "../../src/integrations/postmark.ts";
import { resendEmail } from "../../src/integrations/resend.ts";
import { sendgridMail } from "../../src/integrations/sendgrid.ts";
import { type SesEmail, sesEmail } from "../../src/integrations/ses.ts";
import type { WarningOptions } from "../../src/integrations/warnings.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { ADDRESS, HTML, MAIL, TEXT } from "./provider-cases.ts";

const keys = parseTokenKeys("1:dev:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE");

function newCopy(
  source: { html?: string; text?: string } = { html: HTML, text: TEXT },
  person: string | number = 7,
): Decorated {
  if (!keys.ok) throw new Error(keys.reason);
  return decorate(
    source,
    { keys: keys.value, origin: "https://t.example.com" },
    { email: 1042, person, campaign: 88012 },
  );
}

describe("what cannot be decorated is refused by a sentence that names its field:", () => {
  const BOTH = ["marie@example.com", "paul@example.com"];
  const Simple = { Subject: { Data: "News" } };
  it.each<[string, (copy: DecoratedCopy) => unknown, RegExp]>([
    ["Resend, two people", (copy) => resendEmail({ ...MAIL, to: BOTH }, copy), /^to makes 2 recipients/],
    ["Resend, React", (copy) => resendEmail({ ...MAIL, react: {} }, copy), /^react is rendered by Resend/],
    ["Resend, a template", (copy) => resendEmail({ ...MAIL, template: { id: "t" } }, copy), /^template is filled in/],
    [
      "SES, a copy to keep",
      (copy) =>
        sesEmail({ Destination: { ToAddresses: [ADDRESS], BccAddresses: ["a@b.example"] }, Content: { Simple } }, copy),
      /^ToAddresses makes 2/,
    ],
    ["SES, MIME", (copy) => sesEmail({ Content: { Simple, Raw: { Data: "" } } }, copy), /^Raw is a finished message/],
    [
      "SES, lists",
      (copy) => sesEmail({ Content: { Simple }, ListManagementOptions: { ContactListName: "l" } }, copy),
      /^ListManagementOptions makes SES/,
    ],
    [
      "SendGrid, many",
      (copy) => sendgridMail({ ...MAIL, personalizations: [{ to: ADDRESS }] }, copy),
      /^personalizations makes/,
    ],
    [
      "SendGrid, content",
      (copy) => sendgridMail({ ...MAIL, content: [{ type: "text/html", value: HTML }] }, copy),
      /^content is not/,
    ],
    ["Mailgun, two people", (copy) => mailgunMessage({ ...MAIL, to: BOTH.join(", ") }, copy), /^to makes 2 recipients/],
    [
      "Mailgun, a batch",
      (copy) => mailgunMessage({ ...MAIL, "recipient-variables": "{}" }, copy),
      /^recipient-variables is filled in/,
    ],
    ["Postmark, two people", (copy) => postmarkMessage({ To: BOTH.join(",") }, copy), /^To makes 2 recipients/],
    [
      "Postmark, a template",
      (copy) => postmarkMessage({ To: ADDRESS, TemplateId: 1 }, copy),
      /^TemplateId is filled in/,
    ],
    [
      "Brevo, versions",
      (copy) => brevoEmail({ to: [], ...{ messageVersions: [{}] } }, copy),
      /^messageVersions is filled in/,
    ],
    [
      "Cloudflare, two people",
      (copy) => cloudflareEmail({ ...MAIL, cc: "a@b.example" }, copy),
      /^to makes 2 recipients/,
    ],
    ...[
      [
        "substitutions",
        (copy: DecoratedCopy) => sendgridMail({ ...MAIL, substitutions: { name: "M" } }, copy),
      ] as const,
      ["sections", (copy: DecoratedCopy) => sendgridMail({ ...MAIL, sections: { a: "b" } }, copy)] as const,
      [
        "dynamic_template_data",
        (copy: DecoratedCopy) => sendgridMail({ ...MAIL, dynamic_template_data: {} }, copy),
      ] as const,
      ["template_id", (copy: DecoratedCopy) => sendgridMail({ ...MAIL, template_id: "d-1" }, copy)] as const,
      ["params", (copy: DecoratedCopy) => brevoEmail({ ...{ params: { name: "M" } }, to: [] }, copy)] as const,
      ["t:variables", (copy: DecoratedCopy) => mailgunMessage({ ...MAIL, "t:variables": "{}" }, copy)] as const,
      [
        "Messages",
        (copy: DecoratedCopy) => postmarkMessage({ To: "", ...{ Messages: [{ To: ADDRESS }] } }, copy),
      ] as const,
      [
        "BulkEmailEntries",
        (copy: DecoratedCopy) => sesEmail({ ...{ BulkEmailEntries: [{}] } } as unknown as SesEmail, copy),
      ] as const,
    ].map(([field, use]): [string, (copy: DecoratedCopy) => unknown, RegExp] => [
      `what a provider fills in, ${field}`,
      use,
      new RegExp(`^${field} is filled in`),
    ]),
    [
      "Mailgun, a header",
      (copy) => mailgunMessage({ ...MAIL, "h:x-mailgun-recipient-variables": "{}" }, copy),
      /^h:X-Mailgun-Recipient-Variables lets the provider fill in/,
    ],
    [
      "SendGrid, a copy to keep",
      (copy) => sendgridMail({ ...MAIL, mailSettings: { bcc: { enable: true, email: "a@b.example" } } }, copy),
      /^mailSettings.bcc sends/,
    ],
    ["SES, its first API", (copy) => sesEmail({ Message: {} } as never, copy), /^Content is missing: .* not `Message`/],
    ["SES, no message", (copy) => sesEmail({ Content: {} } as never, copy), /^Content.Simple is missing/],
    ["Resend, a list", (copy) => resendEmail([MAIL] as never, copy), /^email is a list/],
    ["SES, a list", (copy) => sesEmail([] as never, copy), /^email is a list/],
    ["SendGrid, a list", (copy) => sendgridMail([MAIL] as never, copy), /^mail is a list/],
    ["Mailgun, a list", (copy) => mailgunMessage([MAIL] as never, copy), /^message is a list/],
    ["Postmark, a list", (copy) => postmarkMessage([{ To: ADDRESS }] as never, copy), /^message is a list/],
    ["Brevo, a list", (copy) => brevoEmail([{}] as never, copy), /^email is a list/],
    ["Cloudflare, a list", (copy) => cloudflareEmail([MAIL] as never, copy), /^email is a list/],
    ["Cloudflare's API, a list", (copy) => cloudflareRequest([MAIL] as never, copy), /^email is a list/],
    ["a copy that is still a promise", (copy) => resendEmail(MAIL, Promise.resolve(copy) as never), /^copy is none/],
    [
      "a part that is not in the copy",
      ({ html: _, ...copy }) => postmarkMessage({ To: ADDRESS, HtmlBody: HTML }, copy),
      /^HtmlBody is not in the copy/,
    ],
    ["a copy of nothing", ({ html: _html, text: _text, ...copy }) => resendEmail(MAIL, copy), /^html is missing/],
  ])("%s", (_, use, sentence) => {
    expect(() => use(newCopy())).toThrow(
      expect.objectContaining({ name: "DecorateError", message: expect.stringMatching(sentence) }),
    );
  });

  it("metadata that leaves the token no room", () => {
    const Metadata = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`own-${index}`, ""]));
    expect(postmarkMessage({ To: ADDRESS, Metadata }, newCopy()).Metadata).toMatchObject(Metadata);
    expect(() => postmarkMessage({ To: ADDRESS, Metadata }, newCopy({ html: HTML }, "x".repeat(64)))).toThrow(
      /^Metadata has 11 fields with the message token, and Postmark takes 10/,
    );
  });
});

it("Cloudflare's sender needs room for the token in its address", () => {
  const from = "news+tag@mail.example.com";
  expect(() => cloudflareEmail({ ...MAIL, from }, newCopy())).toThrow(/^from is not an address without a "[+]"/);
  const copy = newCopy({ html: HTML }, "0198f2a4-7c1e-7e0a-9a3b-2f4c5d6e7f80");
  expect(() => cloudflareEmail(MAIL, copy)).toThrow(/^message does not fit into an address/);
});

describe("warnings of a copy", () => {
  const copy = newCopy({ html: '<a href="/relative">read on</a>' });
  const Content = { Simple: { Subject: { Data: "News" } } };

  it.each<[string, (options: WarningOptions) => unknown]>([
    ["Resend", (options) => resendEmail(MAIL, copy, options)],
    ["SES", (options) => sesEmail({ Content }, copy, options)],
    ["SendGrid", (options) => sendgridMail(MAIL, copy, options)],
    ["Mailgun", (options) => mailgunMessage(MAIL, copy, options)],
    ["Postmark", (options) => postmarkMessage({}, copy, options)],
    ["Brevo", (options) => brevoEmail({}, copy, options)],
    ["Cloudflare", (options) => cloudflareEmail({ ...MAIL }, copy, options)],
    ["Cloudflare's API", (options) => cloudflareRequest({ ...MAIL }, copy, options)],
  ])("are told by %s's function", (_, use) => {
    const told: string[] = [];
    use({ onWarning: ({ code }) => told.push(code) });
    expect(told).toEqual(["relative"]);
  });

  it("are written once where nobody asks for them, without the link", () => {
    const lines = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    for (let count = 0; count < 3; count++) postmarkMessage({}, copy);
    const written = lines.mock.calls.flat();
    lines.mockRestore();
    expect(written).toEqual([expect.stringMatching(/^waxseal: relative: A relative address/)]);
  });
});

it("a provider's own tracking is switched off where the mail says nothing of it", () => {
  const copy = newCopy();
  const off = { clickTracking: { enable: false, enableText: false }, openTracking: { enable: false } };
  expect(sendgridMail(MAIL, copy).trackingSettings).toMatchObject(off);
  const wanted = { openTracking: { enable: true } };
  expect(sendgridMail({ ...MAIL, trackingSettings: wanted }, copy).trackingSettings).toMatchObject({
    ...off,
    ...wanted,
  });
  const snake = { ...MAIL, tracking_settings: wanted, custom_args: { list: "news" } };
  const { trackingSettings, customArgs, ...others } = sendgridMail(snake, copy);
  expect(trackingSettings).toMatchObject({ ...off, ...wanted });
  expect(customArgs).toEqual({ list: "news", waxseal: copy.message });
  expect(others).not.toHaveProperty("custom_args");
  expect(postmarkMessage({ To: ADDRESS }, copy)).toMatchObject({ TrackOpens: false, TrackLinks: "None" });
  expect(postmarkMessage({ To: ADDRESS, TrackOpens: true }, copy)).toMatchObject({ TrackOpens: true });
  expect(mailgunMessage(MAIL, copy)).toMatchObject({ "o:tracking": "no" });
  expect(mailgunMessage({ ...MAIL, "o:tracking-opens": "yes" }, copy)).not.toHaveProperty("o:tracking");
});

it("Brevo hands back the sender's own data beside the token, in either form", () => {
  const { message, ...copy } = newCopy();
  const custom = (own: string) =>
    brevoEmail({ headers: { "x-mailin-custom": own } }, { message, ...copy }).headers["X-Mailin-custom"];
  expect(custom('{"list":7}')).toBe(JSON.stringify({ list: 7, waxseal: message }));
  expect(custom("list:7")).toBe(`list:7|waxseal:${message}`);
});
