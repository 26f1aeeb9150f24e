/** `waxseal archive`: how the archive is, moving events into it now, and whether R2 has what D1 notes. */
import { type Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import type { Schemas } from "../client/index.ts";
import { CommandError, usageError } from "./command-error.ts";
import { findWorker, type JsonOptions, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { callApi, withoutUndefined } from "./worker-api.ts";
import { showProgress } from "./wrangler/progress.ts";

type Archive = Schemas["Archive"];
type Finding = Schemas["ArchiveFinding"];

const MIN_DAYS = 2;
/** Calls in a row that move nothing though there is more. */
const MAX_IDLE_CALLS = 3;

export function addArchiveCommand(program: Command): void {
  const archive = program.command("archive").description("old events of the log, as Parquet files in R2");
  withConnection(archive.command("status"))
    .description("show how much of the log is in R2 and in D1")
    .option("--json", "one object")
    .action(showStatus);
  withConnection(archive.command("run"))
    .description("move what is old enough now, until nothing is left to move")
    .option("--older-than <days>", "what was recorded before that day, instead of by ARCHIVE_AFTER_DAYS", readDays)
    .option("--json", "one object a segment that was written")
    .action(run);
  withConnection(archive.command("check"))
    .description("compare D1 with R2, and mend what can be mended after a restore")
    .option("--deep", "decode each file, and count its events")
    .option("--json", "one object a finding")
    .action(check);
}

async function showStatus({ json = false, ...given }: JsonOptions): Promise<void> {
  const worker = await findWorker(given);
  const archive = await callApi(worker, (api) => api.GET("/v1/archive"), { has: "lastSeq" });
  if (json) return console.log(printableJson(archive));
  const { on, afterDays } = archive;
  const rule = on
    ? `archives events after ${afterDays} days`
    : "archives nothing by itself: ARCHIVE_AFTER_DAYS is not set";
  console.log(printable([`${worker.origin} ${rule}.`, ...statusLines(archive)].join("\n")));
}

function statusLines({ segments, events, bytes, firstDay, lastDay, lastSeq, d1, ...rest }: Archive): string[] {
  const { messages, lostFiles, recalled } = rest;
  const ofMessages = `${numberOf(messages.files, "file")} of ${sizeText(messages.bytes)}`;
  const rewriting = recalled.rewriteAt === undefined ? "" : `, whose files are rewritten from ${recalled.rewriteAt} on`;
  const rows = [
    ["files in R2", number(segments)],
    ["events in them", number(events)],
    ["size of them", sizeText(bytes)],
    ...(firstDay === undefined ? [] : [["days", `${firstDay} to ${lastDay}`]]),
    ["last seq in them", String(lastSeq)],
    ["events in D1", `${d1.more ? "more than " : ""}${number(d1.events)}`],
    ...(d1.bytes === undefined ? [] : [["size of D1", sizeText(d1.bytes)]]),
    ["oldest that may move", d1.oldestAt === undefined ? "none" : `recorded at ${d1.oldestAt}`],
    ...(messages.files === 0 ? [] : [["messages in R2", `${number(messages.messages)} in ${ofMessages}`]]),
    ...(lostFiles === 0 ? [] : [["lost files", `${number(lostFiles)}: "waxseal archive check" names them`]]),
    ["changed since", `${number(recalled.events)}${rewriting}`],
  ];
  return rows.map(([name = "", value]) => `  ${name.padEnd(24)}${value}`);
}

async function run({
  json = false,
  olderThan,
  ...given
}: JsonOptions & { readonly olderThan?: number }): Promise<void> {
  const worker = await findWorker(given);
  const body = withoutUndefined({ olderThanDays: olderThan });
  const done = { segments: 0, events: 0, bytes: 0, rewritten: 0, messages: 0 };
  for (let isMore = true, idle = 0; isMore; ) {
    const call = await callApi(worker, (api) => api.POST("/v1/archive/run", { body }), { has: "written" }).catch(
      (error: unknown) => {
        throw olderThan === undefined ? withAdvice(error) : error;
      },
    );
    for (const segment of call.written) {
      if (json) console.log(printableJson(segment));
      done.segments++;
      done.events += segment.events;
      done.bytes += segment.bytes;
    }
    done.rewritten += call.rewritten;
    done.messages += call.messages;
    isMore = call.more;
    idle = call.written.length + call.rewritten + call.messages === 0 ? idle + 1 : 0;
    if (isMore && idle === MAX_IDLE_CALLS)
      throw new CommandError(
        "Nothing more moves: events change all the time.",
        `${numberOf(done.events, "event")} have moved. The Worker goes on each minute; or run it again.`,
      );
    const last = call.written.at(-1);
    if (isMore)
      showProgress(`${numberOf(done.events, "event")} moved${last === undefined ? "" : `, up to ${last.day}`} …`);
  }
  const also = [
    ...(done.messages === 0 ? [] : [` Messages moved: ${number(done.messages)}.`]),
    ...(done.rewritten === 0 ? [] : [` Rewritten: ${numberOf(done.rewritten, "file")}.`]),
  ].join("");
  const into = `${numberOf(done.segments, "file")} of ${sizeText(done.bytes)}`;
  const moved = `${numberOf(done.events, "event")} moved into ${into}.`;
  const nothing = `${done.messages === 0 ? "Nothing" : "No event"} is old enough to move.`;
  if (json) console.error(`${moved}${also}`);
  else console.log(`${done.events === 0 ? nothing : moved}${also}`);
}

/** Adds what to do when a Worker says that it does not know what is old. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof CommandError) || error.exitCode !== 2) return error;
  return usageError(error.message, "Say how old: waxseal archive run --older-than 30; or set ARCHIVE_AFTER_DAYS.");
}

async function check({
  json = false,
  deep = false,
  ...given
}: JsonOptions & { readonly deep?: boolean }): Promise<void> {
  const worker = await findWorker(given);
  const counts = { segments: 0, events: 0, messageFiles: 0, messages: 0, objects: 0 };
  const found = new Map<Finding["finding"], number>();
  for (let cursor: string | undefined, isMore = true; isMore; ) {
    const body = { deep, ...withoutUndefined({ cursor }) };
    const page = await callApi(worker, (api) => api.POST("/v1/archive/check", { body }), { has: "checked" });
    for (const finding of page.data) {
      console.log(json ? printableJson(finding) : printable(findingLine(finding)));
      found.set(finding.finding, (found.get(finding.finding) ?? 0) + 1);
    }
    counts.segments += page.checked.segments;
    counts.events += page.checked.events;
    counts.messageFiles += page.checked.messageFiles;
    counts.messages += page.checked.messages;
    counts.objects += page.checked.objects;
    cursor = page.next;
    isMore = cursor !== undefined;
    if (isMore) showProgress(`Checked: ${numberOf(counts.segments, "segment")}, ${numberOf(counts.objects, "file")} …`);
  }
  const segments = `${numberOf(counts.segments, "segment")} with ${numberOf(counts.events, "event")}`;
  const ofMessages = `${numberOf(counts.messageFiles, "file")} with ${numberOf(counts.messages, "message")}`;
  const both = counts.messageFiles === 0 ? segments : `${segments} and ${ofMessages}`;
  const summary = `${both}, ${numberOf(counts.objects, "file")}`;
  const lost = LOST.reduce((sum, name) => sum + (found.get(name) ?? 0), 0);
  if (lost > 0)
    throw new CommandError(
      `Of ${summary}, ${numberOf(lost, "file")} cannot be read: see above.`,
      "Put the files back from a backup, then check again. Until then what reads these events fails.",
    );
  console.error(`${pc.green("Whole")}: ${summary}${found.has("mended") ? "; what was wrong is mended" : ""}.`);
}

/** Findings of files that cannot be read. */
const LOST: readonly Finding["finding"][] = ["missing", "changed", "damaged"];

const MEANINGS: Readonly<Record<Finding["finding"], string>> = {
  missing: "is not in R2",
  changed: "is another file than D1 notes",
  damaged: "cannot be decoded, or holds something else than D1 notes",
  mended: "was not as D1 noted it",
  unnamed: "belongs to no segment: it is deleted a day after it was written, or replaced",
  newer: "is newer than D1, which has its events: it is deleted a day after it was written",
};

/** "missing  log/v1/…: is not in R2. Seqs 1 to 50000, recorded on 2026-10-01, 49990 events." */
function findingLine({ finding, key, firstSeq, lastSeq, day, events, messages, found }: Finding): string {
  const ofMessages = messages === undefined ? "" : ` Of ${numberOf(messages, "message")}.`;
  const whose =
    firstSeq === undefined
      ? ofMessages
      : ` Seqs ${firstSeq} to ${lastSeq}, recorded on ${day}, ${numberOf(events ?? 0, "event")}.`;
  const held =
    found?.messages === undefined ? numberOf(found?.events ?? 0, "event") : numberOf(found.messages, "message");
  const mended = found === undefined ? "" : ` D1 now notes ${found.key}, with ${held}.`;
  return `${finding.padEnd(8)} ${key} ${MEANINGS[finding]}.${whose}${mended}`;
}

function readDays(text: string): number {
  const days = Number(text);
  if (!Number.isSafeInteger(days) || days < MIN_DAYS)
    throw new InvalidArgumentError(`It is a whole number of days, ${MIN_DAYS} or more.`);
  return days;
}

function number(count: number): string {
  return count.toLocaleString("en");
}

/** "1 file", "1,200 files" */
function numberOf(count: number, noun: "event" | "file" | "message" | "segment"): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "41.2 KB", "3.1 MB" */
function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
