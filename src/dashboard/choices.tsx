/** A few views of the same thing beside one another, each an address. */

export interface ViewChoice {
  readonly text: string;
  readonly href: string;
  readonly isChosen: boolean;
}

/** @param name what is chosen, for who hears the page */
export function Choices({ name, choices }: { readonly name: string; readonly choices: readonly ViewChoice[] }) {
  return (
    <nav class="choices" aria-label={name}>
      {choices.map(({ text, href, isChosen }) => (
        <a href={href} aria-current={isChosen ? "true" : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
