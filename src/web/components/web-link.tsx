/** An address from the log. Anything but http and https is shown and not linked: whoever wrote it may mean harm. */

export function WebLink({ url }: { readonly url: string }) {
  if (!isOfWeb(url)) return <bdi class="address">{url}</bdi>;
  return (
    <a class="address" href={url} rel="noreferrer nofollow noopener">
      <bdi>{url}</bdi>
    </a>
  );
}

function isOfWeb(url: string): boolean {
  const protocol = URL.parse(url)?.protocol;
  return protocol === "https:" || protocol === "http:";
}
