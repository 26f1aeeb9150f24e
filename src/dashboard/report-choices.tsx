/** Choices that pages of reports have in common. */
import { withParameters } from "../web/components/content.tsx";
import { Choices } from "./choices.tsx";

/** Whether what bots did counts like a person's, as `/v1` takes it. */
export function botsIn(url: URL): "exclude" | "include" {
  return url.searchParams.get("bots") === "include" ? "include" : "exclude";
}

export function BotsSwitch({ url }: { readonly url: URL }) {
  const bots = botsIn(url);
  return (
    <Choices
      name="Bots"
      choices={[
        { text: "Without bots", bots: "exclude" as const },
        { text: "With bots", bots: "include" as const },
      ].map((choice) => ({
        text: choice.text,
        href: withParameters(url, { bots: choice.bots === "include" ? "include" : undefined, cursor: undefined }),
        isChosen: choice.bots === bots,
      }))}
    />
  );
}
