/** Every event that a provider documents, and what it comes to. */
import { describe, expect, it } from "vitest";
import { brevo } from "./documented/brevo.ts";
import { mailersend } from "./documented/mailersend.ts";
import { mailjet } from "./documented/mailjet.ts";
import { mailtrap } from "./documented/mailtrap.ts";
import { mandrill } from "./documented/mandrill.ts";
import { postal } from "./documented/postal.ts";
import { sparkpost } from "./documented/sparkpost.ts";
import { unisenderGo } from "./documented/unisender-go.ts";
import { outcomes, report } from "./reports.ts";

const PROVIDERS = { brevo, mailersend, mailjet, mailtrap, mandrill, postal, sparkpost, unisenderGo };

describe.each(Object.entries(PROVIDERS))("a webhook of %s", (_, documented) => {
  it.each(documented.outcomes)("%j is %s", (body, expected) => {
    expect(outcomes(documented.read, body)).toBe(expected);
  });

  it.each(documented.reports)("%j is reported with address, time, the server's words and an id", (body, expected) => {
    expect(report(documented.read, body)).toEqual(expected);
  });

  it.each(documented.foreign.map((body) => [body]))("%j is not understood", (body) => {
    expect(documented.read(body)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});
