/** A decoder of GIF images, slow and obvious, that takes nothing for granted (GIF89a specification, W3C, 1990). */

export interface Image {
  readonly width: number;
  readonly height: number;
  /** One for each pixel, row by row: the colour, or "transparent". */
  readonly pixels: readonly string[];
}

/** The only image of a GIF. Throws when a byte is missing, left over or not as the specification has it. */
export function decodeGif(bytes: Uint8Array): Image {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("the file ends too early");
    return byte;
  };
  const short = (): number => next() + 256 * next();
  const text = (length: number): string => String.fromCharCode(...Array.from({ length }, next));
  const expectThat = (right: boolean, what: string): void => {
    if (!right) throw new Error(`${what} at byte ${at}`);
  };
  /** §15: blocks with their length in front, the last one empty. */
  const blocks = (): number[] => {
    const all: number[] = [];
    for (let length = next(); length > 0; length = next()) for (let i = 0; i < length; i++) all.push(next());
    return all;
  };
  const colours = (packed: number): string[] =>
    (packed & 0x80) === 0
      ? []
      : Array.from({ length: 2 ** ((packed & 7) + 1) }, () => `rgb(${next()} ${next()} ${next()})`);

  expectThat(/^GIF8[79]a$/.test(text(6)), "no GIF");
  const width = short();
  const height = short();
  const packed = next();
  next();
  next();
  const global = colours(packed);
  let transparent: number | undefined;
  let image: Image | undefined;
  for (let kind = next(); kind !== 0x3b; kind = next()) {
    if (kind === 0x21) {
      const label = next();
      const [flags = 0, , , colour] = blocks();
      if (label === 0xf9 && (flags & 1) === 1) transparent = colour;
      continue;
    }
    expectThat(kind === 0x2c && image === undefined, "neither an extension nor the only image");
    expectThat(short() === 0 && short() === 0 && short() === width && short() === height, "not the whole picture");
    const own = colours(next());
    const table = own.length > 0 ? own : global;
    const codeSize = next();
    const indexes = unpack(blocks(), codeSize);
    expectThat(indexes.length === width * height, "pixels are missing or too many");
    const pixels = indexes.map((index) => (index === transparent ? "transparent" : (table[index] ?? "no colour")));
    image = { width, height, pixels };
  }
  expectThat(at === bytes.length, "something follows the end");
  if (image === undefined) throw new Error("there is no image");
  return image;
}

/** LZW with codes that grow (appendix F of the specification): the end must be said. */
function unpack(bytes: readonly number[], minimumCodeSize: number): number[] {
  const clear = 2 ** minimumCodeSize;
  const end = clear + 1;
  let words: number[][] = [];
  let before: number[] | undefined;
  const out: number[] = [];
  let at = 0;
  for (;;) {
    const size = Math.max(minimumCodeSize + 1, Math.min(12, (words.length + end + 1).toString(2).length));
    if (at + size > bytes.length * 8) throw new Error("the codes end without saying so");
    let code = 0;
    for (let bit = 0; bit < size; bit++, at++) code |= (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) << bit;
    if (code === end) return out;
    if (code === clear) {
      words = [];
      before = undefined;
      continue;
    }
    const known = code < clear ? [code] : words[code - end - 1];
    const word: number[] = known ?? (before === undefined ? [] : [...before, before[0] ?? 0]);
    if (word.length === 0) throw new Error("a code that stands for nothing");
    if (before !== undefined) words.push([...before, word[0] ?? 0]);
    out.push(...word);
    before = word;
  }
}
