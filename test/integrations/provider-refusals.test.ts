/** What the functions of the providers refuse, and what else they do to a mail. */
import { describe, expect, it } from "vitest";
import { type Decorated, decorate } from "../../src/decorate/index.ts";
import { brevoEmail } from "../../src/integrations/brevo.ts";
import { cloudflareEmail } from "../../src/integrations/cloudflare.ts";
import type { DecoratedCopy } from "../../src/integrations/copy.ts";
import { mailgunMessage } from "../../src/integrations/mailgun.ts";
import { postmarkMessage } from "../../src/integrations/postmark.ts";
import { resendEmail } from "../../src/integrations/resend.ts";
import { sendgridMail } from "../../src/integrations/sendgrid.ts";
import { sesEmail } from "../../src/integrations/ses.ts";
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
    ["Mailgun, a list", (copy) => mailgunMessage({ ...MAIL, to: BOTH.join(", ") }, copy), /^to makes 2 recipients/],
    [
      "Mailgun, a batch",
      (copy) => mailgunMessage({ ...MAIL, "recipient-variables": "{}" }, copy),
      /^recipient-variables is filled in/,
    ],
    ["Postmark, a list", (copy) => postmarkMessage({ To: BOTH.join(",") }, copy), /^To makes 2 recipients/],
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

it("a provider's own tracking is switched off where the mail says nothing of it", () => {
  const copy = newCopy();
  const off = { clickTracking: { enable: false, enableText: false }, openTracking: { enable: false } };
  expect(sendgridMail(MAIL, copy).trackingSettings).toMatchObject(off);
  const wanted = { openTracking: { enable: true } };
  expect(sendgridMail({ ...MAIL, trackingSettings: wanted }, copy).trackingSettings).toMatchObject({
    ...off,
    ...wanted,
  });
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
