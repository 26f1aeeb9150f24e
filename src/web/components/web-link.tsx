/** An address from the log. Anything but http and https is shown and not linked: whoever wrote it may mean harm. */
import { cutText } from "../cut-text.ts";

export interface WebLinkProps {
  readonly url: string;
  /** Longer ones are cut to so many characters; all of it is in the title. */
  readonly maxLength?: number;
}

export function WebLink({ url, maxLength = Number.POSITIVE_INFINITY }: WebLinkProps) {
  const text = cutText(url, maxLength);
  const title = text === url ? undefined : url;
  if (!isOfWeb(url))
    return (
      <bdi class="address" title={title}>
        {text}
      </bdi>
    );
  return (
    <a class="address" href={url} title={title} rel="noreferrer nofollow noopener">
      <bdi>{text}</bdi>
    </a>
  );
}

function isOfWeb(url: string): boolean {
  const protocol = URL.parse(url)?.protocol;
  return protocol === "https:" || protocol === "http:";
}
