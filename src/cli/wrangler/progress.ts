import pc from "picocolors";

/** Shows a person what is being done; standard output stays the command's answer. */
export function showProgress(sentence: string): void {
  console.error(pc.dim(sentence));
}
