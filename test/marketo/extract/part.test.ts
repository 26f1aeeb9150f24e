/** Parts of a file: all of one size, and together the bytes of the texts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PART_BYTES, UploadPart } from "../../../src/marketo/extract/part.ts";
import { runs } from "../../fuzz.ts";

const encoder = new TextEncoder();

/** The parts that hold these texts, the last one included. */
function partsOf(texts: readonly string[]): Uint8Array[] {
  const part = new UploadPart();
  const full: Uint8Array[] = [];
  for (const text of texts) {
    for (let from = part.add(text); from !== undefined; from = part.add(text, from)) {
      full.push(part.bytes.slice());
      part.empty();
    }
  }
  return [...full, part.bytes.slice()];
}

async function sha256(bytes: readonly Uint8Array[]): Promise<string> {
  const whole = await new Blob(bytes.map((each) => each.slice())).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole)).toString();
}

describe("parts", () => {
  it("have one size, except the last, and together hold the texts, characters split between two included", async () => {
    const unit = fc.constantFrom("a", "é", "€", "𝄞");
    const text = fc
      .tuple(fc.string({ unit, minLength: 1, maxLength: 7 }), fc.integer({ min: 1, max: 200_000 }))
      .map(([some, times]) => some.repeat(times));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 9 }), async (texts) => {
        const parts = partsOf(texts);
        for (const part of parts.slice(0, -1)) expect(part.length).toBe(PART_BYTES);
        expect(await sha256(parts)).toBe(await sha256([encoder.encode(texts.join(""))]));
      }),
      runs(8),
    );
  });

  it("do not end with an empty one when a file fills them exactly", () => {
    const half = "é".repeat(PART_BYTES / 4);
    expect(partsOf([half, half, half, half]).map(({ length }) => length)).toEqual([PART_BYTES, PART_BYTES]);
  });
});
