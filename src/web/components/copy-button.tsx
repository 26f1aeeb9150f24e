/** Copies the text of an element, by the script (src/browser/app.ts); hidden without it. */

/** @param of the element's id */
export function CopyButton({ of, isQuiet = false }: { readonly of: string; readonly isQuiet?: boolean }) {
  return (
    <button class={isQuiet ? "quiet" : undefined} type="button" data-copy={`#${of}`} hidden>
      Copy
    </button>
  );
}
