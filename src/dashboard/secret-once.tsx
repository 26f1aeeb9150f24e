/** A webhook endpoint's secret, which is shown this once. */
import { Notice } from "../web/components/content.tsx";

export function SecretOnce({ secret, endpoint }: { readonly secret: string; readonly endpoint: string }) {
  return (
    <>
      <Notice kind="warning">
        Copy this secret now: it is not shown again. Your system checks signatures with it.
      </Notice>
      <pre id="secret">{secret}</pre>
      <p class="tools">
        <button type="button" data-copy="#secret" hidden>
          Copy
        </button>
        <a href={`/app/webhooks/${endpoint}`}>Go to the endpoint</a>
      </p>
    </>
  );
}
