/** The parts of bowser that are used here; the package's types cover only its whole. */
declare module "bowser/src/parser-os.js" {
  interface Asked {
    getUA(): string;
    test(pattern: RegExp): boolean;
    getOSName(lowerCase?: boolean): string;
    getOSVersion(): string;
    getBrowserName(lowerCase?: boolean): string;
  }

  interface Rule<Found> {
    readonly test: readonly RegExp[] | ((asked: Asked) => boolean);
    describe(userAgent: string): Found;
  }

  const rules: readonly Rule<{ readonly name: string; readonly version?: string }>[];
  export default rules;
  export type { Asked, Rule };
}

declare module "bowser/src/parser-platforms.js" {
  import type { Rule } from "bowser/src/parser-os.js";

  const rules: readonly Rule<{
    readonly type: "bot" | "desktop" | "mobile" | "tablet" | "tv";
    readonly model?: string;
  }>[];
  export default rules;
}
