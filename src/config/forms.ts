/** Forms that several variables have. */
import * as v from "valibot";

/** A variable that may be missing or empty. */
export const optional = (pattern: Pick<RegExp, "test">, problem: string) =>
  v.pipe(
    v.optional(v.string(), ""),
    v.check((text) => text === "" || pattern.test(text), problem),
    v.transform((text) => (text === "" ? undefined : text)),
  );

/** One of a few words. The first is the default. */
export const choice = <const Words extends readonly [string, ...string[]]>(name: string, choices: Words) =>
  v.optional(v.picklist(choices, `${name} must be ${choices.map((word) => `"${word}"`).join(" or ")}.`), choices[0]);

/** A whole number from `min` to `max`. */
export const whole = (name: string, min: number, max: number, byDefault: string) =>
  v.pipe(
    v.optional(v.string(), byDefault),
    v.check(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `${name} must be a whole number from ${min} to ${max}.`,
    ),
    v.transform(Number),
  );
