/**
 * The variables that providers' webhooks are checked with. Each adapter declares its own: its name, what is right, and
 * the sentence about a wrong one.
 */
import * as v from "valibot";

export interface ProviderSetting<Variable extends string = string, Value = unknown> {
  /** Its name among the Worker's variables and secrets. Without it every webhook of the provider is rejected. */
  readonly variable: Variable;
  /** Reads the variable's text. The message of its issue is a sentence that says what is right. */
  readonly schema: v.GenericSchema<string, Value>;
}

/**
 * A variable whose text is its value.
 * @param isRight whether a text can be one
 * @param form the end of the sentence "NAME must be …"
 */
export function textSetting<const Variable extends string>(
  variable: Variable,
  isRight: (text: string) => boolean,
  form: string,
): ProviderSetting<Variable, string> {
  return { variable, schema: v.pipe(v.string(), v.check(isRight, `${variable} must be ${form}.`)) };
}

/** A provider's key is 32 hexadecimal digits, and a password is what somebody has invented. */
export const MIN_SECRET_LENGTH = 16;
const MIN_DIFFERENT_IN_SECRET = 6;

/** Whether a secret that providers show or share cannot be guessed: with it anybody could report bounces. */
export function isStrongSecret(secret: string): boolean {
  return secret.length >= MIN_SECRET_LENGTH && new Set(secret).size >= MIN_DIFFERENT_IN_SECRET;
}

/** A key that a provider shows. */
export function shownKey<const Variable extends string>(
  variable: Variable,
  provider: string,
): ProviderSetting<Variable, string> {
  const isRight = (key: string) => !/\s/.test(key) && isStrongSecret(key);
  return textSetting(variable, isRight, `the key that ${provider} shows, without spaces`);
}

/** Keys that a provider shows, one for each of its webhooks. */
export function shownKeys<const Variable extends string>(
  variable: Variable,
  provider: string,
): ProviderSetting<Variable, readonly string[]> {
  return listSetting(variable, isStrongSecret, `the keys that ${provider} shows`);
}

/**
 * A variable of several words, separated by spaces or commas.
 * @param form the middle of the sentence "NAME must be …, separated by spaces."
 */
export function listSetting<const Variable extends string>(
  variable: Variable,
  isRight: (word: string) => boolean,
  form: string,
): ProviderSetting<Variable, readonly string[]> {
  const wordsOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== "");
  const areRight = (words: readonly string[]) => words.every(isRight);
  const problem = `${variable} must be ${form}, separated by spaces.`;
  return { variable, schema: v.pipe(v.string(), v.transform(wordsOf), v.check(areRight, problem)) };
}

/** What a setting is in an environment: undefined when it is missing or empty, and a problem when it is wrong. */
export function settingIn<Value>(
  env: object,
  { variable, schema }: ProviderSetting<string, Value>,
): { readonly value?: Value; readonly problem?: string } {
  const text: unknown = Reflect.get(env, variable);
  if (typeof text !== "string" || text.trim() === "") return {};
  const read = v.safeParse(schema, text);
  return read.success ? { value: read.output } : { problem: read.issues[0].message };
}
