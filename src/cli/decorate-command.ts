/** `waxseal decorate`: decorates an email file for one recipient. */
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import {
  DecorateError,
  type DecorateOptions,
  type PixelPosition,
  type Recipient,
  returnPath,
  type Tracking,
  type UnsubscribeOffer,
} from "../decorate/index.ts";
import { decorateFile } from "../eml/decorate-file.ts";
import type { EmailFormat } from "../eml/email-file.ts";
import { CommandError, errorMessage, usageError } from "./command-error.ts";
import { readEmail } from "./email-argument.ts";
import { printable } from "./printable.ts";
import { findSetting, findTokenKeys } from "./settings.ts";

interface DecorateFlags {
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send?: string;
  readonly origin?: string;
  readonly keys?: string;
  readonly bounceAddress?: string;
  readonly tracking: Tracking;
  readonly unsubscribe: UnsubscribeOffer;
  readonly unsubscribePlaceholder?: readonly string[];
  readonly utm?: Readonly<Record<string, string>>;
  readonly personalParameter?: readonly string[];
  readonly variable?: Readonly<Record<string, string>>;
  readonly honeypotLink?: boolean;
  readonly pixel: PixelPosition;
  readonly format?: EmailFormat;
  readonly out?: string;
}

export function addDecorateCommand(program: Command): void {
  program
    .command("decorate")
    .description("add the signed pixel, links and unsubscribe headers of one recipient to an email")
    .argument("<file>", "an .html, .txt or .eml file, or - for standard input")
    .requiredOption("--email <id>", "the email: an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : -")
    .requiredOption("--person <id>", "the recipient")
    .requiredOption("--campaign <id>", "the run of sends it belongs to")
    .option("--send <id>", "this sending (default: 16 random hexadecimal digits)")
    .option("--origin <url>", "where the Worker answers, like https://t.example.com (default: TRACKING_ORIGIN)")
    .option("--keys <keys>", "token keys (default: TOKEN_KEYS, of the environment or .dev.vars)")
    .option("--bounce-address <address>", "where bounces come back to (default: BOUNCE_ADDRESS)")
    .addOption(
      new Option("--tracking <mode>", "whom links and pixel name")
        .choices(["full", "anonymous", "none"])
        .default("full"),
    )
    .addOption(
      new Option("--unsubscribe <offer>", "whether the header offers to unsubscribe from a list")
        .choices(["list", "none"])
        .default("list"),
    )
    .option(
      "--unsubscribe-placeholder <text>",
      "becomes the unsubscribe link besides {{unsubscribe}}; may be repeated (default: UNSUBSCRIBE_PLACEHOLDERS)",
      addTo,
    )
    .option("--variable <name=value>", "fills {{name}}; may be repeated, once for each in the email", addPairTo)
    .option("--utm <name=value>", "for links without it: source, medium, campaign, term, content or id", addPairTo)
    .option(
      "--personal-parameter <name>",
      "differs from person to person in links; may be repeated (default: PERSONAL_PARAMETERS)",
      addTo,
    )
    .option("--honeypot-link", "add a link to the HTML that no person sees and bots follow")
    .addOption(
      new Option("--pixel <position>", "where in the body the pixel is").choices(["top", "end"]).default("end"),
    )
    .addOption(
      new Option("--format <format>", "what the file is (default: by its name)").choices(["html", "text", "eml"]),
    )
    .option("--out <file>", "where to write (default: standard output)")
    .addHelpText(
      "after",
      `
An .eml file is decorated whole: its HTML and plain text, whatever their charset and transfer encoding, and its header.
For HTML and text the header fields to add are printed on standard error. Decorate before signing with DKIM; the
signature must cover List-Unsubscribe and List-Unsubscribe-Post.

Example:
  $ waxseal decorate mail.eml --email 1042 --person 7 --campaign 88012 --origin https://t.example.com \\
      --out decorated.eml`,
    )
    .action(runDecorate);
}

async function runDecorate(path: string, flags: DecorateFlags): Promise<void> {
  const options = await optionsIn(flags);
  const file = await readEmail(path, { format: flags.format });
  const decorated = withOptionNames(() => decorateFile(file, options, recipientIn(flags)));
  const fields = Object.entries(decorated.headers).map(([name, value]) => ({ name, value }));
  await write(file.write(decorated.texts, fields), flags.out);
  if (options.keys.all[0].development && !LOCAL.test(options.origin))
    note("Signed with a developer's key: only a Worker of npm run dev accepts these links.");
  for (const { name } of fields.filter((field) => file.fieldNames.has(field.name.toLowerCase())))
    note(`The ${name} in the header was replaced.`);
  for (const remark of [...file.remarks, ...decorated.remarks]) note(remark);
  for (const { code, url, message } of decorated.warnings) {
    console.error(`${pc.yellow(code)} ${printable(url === undefined ? message : `${url}\n  ${message}`)}`);
  }
  const bounceAddress = (await findSetting("BOUNCE_ADDRESS", flags.bounceAddress))?.value;
  const envelopeSender = bounceAddress && returnPath(bounceAddress, decorated.message);
  if (envelopeSender) console.error(`Send it from (envelope sender): ${printable(envelopeSender)}`);
  if (file.format !== "eml") {
    console.error("Add to the message's header:");
    for (const { name, value } of fields) console.error(`${name}: ${value}`);
  }
}

function addTo(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function addPairTo(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [name = ""] = text.split("=", 1);
  if (name.length === text.length) throw new InvalidArgumentError("It is written name=value.");
  return { ...before, [name]: text.slice(name.length + 1) };
}

const LOCAL = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/;

async function optionsIn(flags: DecorateFlags): Promise<DecorateOptions> {
  const { keys } = await findTokenKeys(flags.keys);
  const origin = (await findSetting("TRACKING_ORIGIN", flags.origin))?.value;
  if (origin === undefined) {
    throw usageError(
      "Where do the links lead?",
      "Give the Worker's address by --origin or in TRACKING_ORIGIN: https://t.example.com, " +
        "or http://localhost:8787 for npm run dev.",
    );
  }
  const placeholders = (await findSetting("UNSUBSCRIBE_PLACEHOLDERS"))?.value.split(/\s+/) ?? [];
  const personal = (await findSetting("PERSONAL_PARAMETERS"))?.value.split(/[\s,]+/) ?? [];
  return {
    keys,
    origin,
    unsubscribePlaceholders: flags.unsubscribePlaceholder ?? placeholders.filter((text) => text !== ""),
    honeypotLink: flags.honeypotLink ?? false,
    pixel: flags.pixel,
    unsubscribe: flags.unsubscribe,
    utm: flags.utm ?? {},
    ...(flags.variable === undefined ? {} : { variables: true }),
    personalParameters: flags.personalParameter ?? personal.filter((name) => name !== ""),
  };
}

function recipientIn({ email, person, campaign, send, tracking, variable = {} }: DecorateFlags): Recipient {
  return { email, person, campaign, tracking, variables: variable, ...(send === undefined ? {} : { send }) };
}

async function write(bytes: Buffer, path: string | undefined): Promise<void> {
  if (path === undefined) {
    process.stdout.write(bytes);
    return;
  }
  try {
    await writeFile(path, bytes);
  } catch (error) {
    throw new CommandError(`${path} cannot be written: ${errorMessage(error)}.`, "Check the path given by --out.");
  }
}

function note(sentence: string): void {
  console.error(`${pc.yellow("note")} ${printable(sentence)}`);
}

function withOptionNames<T>(decorating: () => T): T {
  try {
    return decorating();
  } catch (error) {
    if (!(error instanceof DecorateError)) throw error;
    const complaint = error.message
      .replace(/^unsubscribePlaceholders/, "unsubscribe-placeholder")
      .replace(/^personalParameters/, "personal-parameter")
      .replace(/^utm\./, "utm ")
      .replace(/^variables\./, "variable ");
    throw usageError(`--${complaint}.`, "waxseal decorate --help shows the form.");
  }
}
