/**
 * Answers with every address masked, by the schema of the answer. Guarantees that a text which nobody has thought of is
 * masked, too: only what is marked as signed, is a time, a number or one of a few words is left as it is.
 */
import type * as v from "valibot";
import { mapCsvRows } from "../platform/csv.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { type Holds, holdsOf } from "./holds.ts";
import { maskAddress } from "./mask.ts";
import { maskId, maskPersonId, type TextMask, textMask } from "./masked-text.ts";

/**
 * How a value is masked: by what it holds, by its fields, or by its items. "nothing": it holds no address. "text": it
 * is words about a person, or is not described.
 */
export type MaskPlan = Holds | "nothing" | "text" | FieldPlans | ItemPlan;

interface FieldPlans {
  readonly fields: ReadonlyMap<string, MaskPlan>;
}

interface ItemPlan {
  readonly items: MaskPlan;
}

/** Where a value may be of two schemas, the latter wins. */
const STRICTNESS: readonly MaskPlan[] = ["nothing", "signed", "id", "label", "event", "person", "text", "address"];

interface Described {
  readonly entries: Readonly<Record<string, v.GenericSchema>>;
  readonly item: v.GenericSchema;
  readonly wrapped: v.GenericSchema;
  readonly options: readonly v.GenericSchema[];
}

/** How values of a schema are masked. */
export function maskPlan(schema: v.GenericSchema): MaskPlan {
  const held = holdsOf(schema);
  if (held !== undefined) return held;
  if (isTime(schema)) return "nothing";
  const { entries, item, wrapped, options } = schema as v.GenericSchema & Described;
  switch (schema.type) {
    case "object":
      return { fields: new Map(Object.entries(entries).map(([name, entry]) => [name, maskPlan(entry)])) };
    case "array":
      return { items: maskPlan(item) };
    case "optional":
    case "nullable":
      return maskPlan(wrapped);
    case "union":
    case "variant":
      return options.map(maskPlan).reduce(stricter);
    case "number":
    case "boolean":
    case "literal":
    case "picklist":
      return "nothing";
    default:
      return "text";
  }
}

function isTime(schema: v.GenericSchema): boolean {
  const pipe = "pipe" in schema ? (schema.pipe as readonly { readonly type: string }[]) : [];
  return pipe.some(({ type }) => type === "iso_timestamp");
}

function stricter(one: MaskPlan, other: MaskPlan): MaskPlan {
  if (one === "nothing") return other;
  if (other === "nothing") return one;
  if (typeof one !== "object" && typeof other !== "object") {
    return STRICTNESS.indexOf(one) > STRICTNESS.indexOf(other) ? one : other;
  }
  if (!hasFields(one) || !hasFields(other)) return "text";
  const fields = new Map(one.fields);
  for (const [name, plan] of other.fields) fields.set(name, stricter(fields.get(name) ?? plan, plan));
  return { fields };
}

function hasFields(plan: MaskPlan): plan is FieldPlans {
  return typeof plan === "object" && "fields" in plan;
}

function itemPlan(plan: MaskPlan): MaskPlan {
  return typeof plan === "object" && "items" in plan ? plan.items : plan;
}

/** The addresses that texts are about, and the mask of such texts. */
interface About {
  readonly known: readonly string[];
  readonly mask: TextMask;
}

/** A value that was read from JSON, masked. Texts are about the addresses that are in the same entry of a list. */
export function maskedValue(plan: MaskPlan, value: unknown, outer: readonly string[] = []): unknown {
  const known = [...new Set([...outer, ...addressesIn(plan, value)])];
  return maskedPart(plan, value, { known, mask: textMask(known) });
}

/** Those of lists in the value apart. */
function addressesIn(plan: MaskPlan, value: unknown): readonly string[] {
  if (plan === "address") return typeof value === "string" ? [value] : [];
  if (!hasFields(plan) || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => addressesIn(plan.fields.get(name) ?? "text", field));
}

function maskedPart(plan: MaskPlan, value: unknown, about: About): unknown {
  if (plan === "nothing") return value;
  if (typeof value === "string") return maskedText(plan, value, about);
  if (Array.isArray(value)) return value.map((item) => maskedValue(itemPlan(plan), item, about.known));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => {
    const described = hasFields(plan) ? plan.fields.get(name) : undefined;
    if (described !== undefined) return [name, maskedPart(described, field, about)];
    return [about.mask(name), maskedPart("text", field, about)];
  });
  return Object.fromEntries(fields);
}

const maskLabel = textMask([]);

function maskedText(plan: MaskPlan, text: string, { known, mask }: About): string {
  switch (plan) {
    case "address":
      return maskAddress(text);
    case "person":
      return maskPersonId(text, known);
    case "id":
      return maskId(text, known);
    case "event":
      return maskedEventId(text, known);
    case "label":
      return maskLabel(text);
    case "signed":
      return text;
    default:
      return mask(text);
  }
}

/** Ids of events have ids in them, with slashes between. A hash differs wherever the ids do; their masks may not. */
function maskedEventId(id: string, known: readonly string[]): string {
  const isPlain = id.split("/").every((part) => maskPersonId(part, known) === part);
  return isPlain ? id : sha256Hex(id);
}

/** What a whole cell is when it is an address; a URL is none. */
const WHOLE_ADDRESS = /^(?![a-z][a-z\d+.-]*:)[^\s@]+@[^\s@]+$/i;

/** A CSV, masked. `columns` says by their headers what they hold; cells of the others are masked as text. */
export function maskedCsv(csv: string, columns: Readonly<Record<string, Holds>>): string {
  return mapCsvRows(csv, (cells, headers) => {
    const row = cells.map((cell, index) => {
      const plan: MaskPlan = columns[headers[index] ?? ""] ?? (WHOLE_ADDRESS.test(cell) ? "address" : "text");
      return { cell, plan };
    });
    const known = row.filter(({ plan }) => plan === "address").map(({ cell }) => cell);
    const about = { known, mask: textMask(known) };
    return row.map(({ cell, plan }) => (cell === "" ? "" : maskedText(plan, cell, about)));
  });
}
