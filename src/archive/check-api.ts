/** POST /v1/archive/check: whether R2 has what D1 notes of the archive, and what can be mended. */
import * as v from "valibot";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { CursorParameter, fields, Label, SignedAnswer, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { checkSegments, type SegmentFinding } from "./check.ts";
import type { CheckedPage } from "./checked-objects.ts";
import { checkMessageFiles, type FileFinding } from "./messages/check.ts";
import type { MessageFile } from "./messages/message-file.ts";
import { messageFileKey } from "./messages/message-key.ts";
import { segmentKey } from "./segment-key.ts";
import type { LogStores } from "./segments.ts";
import { checkObjects, type UnnamedObject } from "./unnamed-objects.ts";

const LIST = "archive-check";
const CHECK_MS = 15_000;
const SEGMENTS_PER_PAGE = 100;
const OBJECTS_PER_PAGE = 500;

const Finding = v.pipe(
  v.object({
    finding: v.pipe(
      v.picklist(["mended", "missing", "changed", "damaged", "unnamed", "newer"]),
      v.description(
        [
          "Of a segment or a message file. missing: its object is not there. changed: it is another one than D1 notes.",
          "damaged: it cannot be",
          "decoded, or does not hold what D1 notes. mended: the object was missing or changed, and D1 now notes the",
          "one that is there, which is whole. unnamed: an object that no segment names; it is deleted a day after it",
          "was written, or replaced. newer: such a one behind the archive's end: its events are in D1, which was",
          "restored to an earlier time, or it is being written.",
        ].join(" "),
      ),
    ),
    key: v.pipe(Label, v.description("Of the object in R2.")),
    firstSeq: v.optional(v.number()),
    lastSeq: v.optional(v.number()),
    day: v.optional(Label),
    events: v.optional(v.pipe(v.number(), v.description("Of a segment: as D1 noted it."))),
    messages: v.optional(v.pipe(v.number(), v.description("Of a message file: as D1 noted it."))),
    found: v.optional(
      v.pipe(
        v.object({
          key: Label,
          version: v.number(),
          events: v.optional(v.number()),
          messages: v.optional(v.number()),
        }),
        v.description("Of what is mended: the object that D1 now notes."),
      ),
    ),
    bytes: v.optional(v.number()),
    uploadedAt: v.optional(TimeAnswer),
  }),
  v.title("ArchiveFinding"),
);

const Checked = v.object({
  data: v.pipe(v.array(Finding), v.description("Nothing of what is as it should be.")),
  checked: v.pipe(
    v.object({
      segments: v.number(),
      events: v.number(),
      messageFiles: v.number(),
      messages: v.number(),
      bytes: v.number(),
      objects: v.number(),
    }),
    v.description("What this page compared: segments or message files with objects, or objects with segments."),
  ),
  next: v.optional(SignedAnswer),
});

export const checkArchive = operation({
  summary: "Check the archive",
  description: [
    "Compares D1 with R2: each segment's object is there, with the size and the etag that D1 notes; then, whether a",
    "segment names each object. A segment whose object is gone is noted with a later version of it, where there is one",
    "that is whole, as after a restore of D1 to an earlier time. Go on with `cursor` = `next` until there is none.",
  ].join(" "),
  body: fields({
    deep: v.optional(
      v.pipe(v.boolean("must be true or false"), v.description("Each object is decoded, and its events are counted.")),
      false,
    ),
    cursor: CursorParameter,
  }),
  answers: { 200: { description: "A page of what is wrong", schema: Checked } },
  example: { body: { deep: true } },
  handle: async (context, { body: { deep, cursor } }) => {
    const { tokenKeys } = configured(context.env);
    const position = readCursor(tokenKeys, LIST, cursor) ?? "segments 0";
    const { next, ...page } = await orStorageUnavailable("The archive could not be checked", () =>
      checkedPage(context.env, position, deep),
    );
    return context.json({ ...page, ...(next === undefined ? {} : { next: encryptCursor(tokenKeys, LIST, next) }) });
  },
});

type Page = Omit<v.InferOutput<typeof Checked>, "next"> & { readonly next: string | undefined };

const NOTHING = { segments: 0, events: 0, messageFiles: 0, messages: 0, bytes: 0, objects: 0 };

/**
 * @param position "segments 123", "files 4" or "objects log/v1/…": segments behind this seq, message files behind this
 * id, or objects behind this name
 */
async function checkedPage(stores: LogStores, position: string, isDeep: boolean): Promise<Page> {
  const [kind, after = ""] = position.split(" ");
  if (kind === "objects") {
    const { count, unnamed, last } = await checkObjects(stores, after, OBJECTS_PER_PAGE);
    return {
      data: unnamed.map(unnamedAnswer),
      checked: { ...NOTHING, objects: count },
      next: last && `objects ${last}`,
    };
  }
  const bounds = { limit: SEGMENTS_PER_PAGE, isDeep, untilMs: Date.now() + CHECK_MS };
  if (kind === "files") return filesPage(await checkMessageFiles(stores, Number(after), bounds));
  const { checked, findings } = await checkSegments(stores, Number(after), bounds);
  const last = checked.at(-1);
  return {
    data: findings.map(segmentFinding),
    checked: {
      ...NOTHING,
      segments: checked.length,
      events: checked.reduce((sum, { rows }) => sum + rows, 0),
      bytes: checked.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    next: last === undefined ? "files 0" : `segments ${last.first}`,
  };
}

function filesPage({ checked, findings }: CheckedPage<MessageFile, FileFinding>): Page {
  const last = checked.at(-1);
  return {
    data: findings.map(fileFinding),
    checked: {
      ...NOTHING,
      messageFiles: checked.length,
      messages: checked.reduce((sum, { rows }) => sum + rows, 0),
      bytes: checked.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    next: last === undefined ? "objects " : `files ${last.id}`,
  };
}

function fileFinding({ finding, file, now }: FileFinding): v.InferOutput<typeof Finding> {
  return {
    finding,
    key: messageFileKey(file),
    messages: file.rows,
    ...(now === undefined ? {} : { found: { key: messageFileKey(now), version: now.version, messages: now.rows } }),
  };
}

function segmentFinding({ finding, segment, now }: SegmentFinding): v.InferOutput<typeof Finding> {
  const { first, last, day, rows, bytes } = segment;
  return {
    finding,
    key: segmentKey(segment),
    ...{ firstSeq: first, lastSeq: last, day, events: rows, bytes },
    ...(now === undefined ? {} : { found: { key: segmentKey(now), version: now.version, events: now.rows } }),
  };
}

function unnamedAnswer({ key, bytes, uploadedAtMs, isNewer }: UnnamedObject): v.InferOutput<typeof Finding> {
  return { finding: isNewer ? "newer" : "unnamed", key, bytes, uploadedAt: isoTime(uploadedAtMs) };
}
