/** A webhook endpoint's secret, which is shown once: below it, or instead of it, what to do next. */
import { Notice, Section } from "../web/components/content.tsx";
import { CopyButton } from "../web/components/copy-button.tsx";

/** @param secret undefined when it was shown before, or its minute is over */
export function SecretOnce({ secret }: { readonly secret: string | undefined }) {
  if (secret === undefined) {
    return (
      <Notice kind="note">
        Its secret was shown, or the minute in which it could be is over. If you have no copy,{" "}
        <a href="#secret">make a new one</a>.
      </Notice>
    );
  }
  return (
    <Section
      title="Copy the secret now"
      note="It is not shown again, also not when this page is loaded again. Your system checks signatures with it."
      tools={<CopyButton of="new-secret" />}
    >
      <pre id="new-secret">{secret}</pre>
    </Section>
  );
}
