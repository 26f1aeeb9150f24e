/** A part of a page that follows the log while the page is open (src/browser/live.ts). */
import type { Child } from "hono/jsx";

export interface LiveRegionProps {
  /** The part is found by it in the page that is fetched again. */
  readonly id: string;
  /** What `liveAddress` gives. */
  readonly follow?: string;
  /** Instead of it: the part is fetched again every so many seconds, until it says so no more. */
  readonly everySeconds?: number;
  /** How long the page pauses after what came, at least. Default: 4 */
  readonly pauseSeconds?: number;
  readonly children: Child;
}

/** Events in it have an id and `data-live-row`: new ones are marked, and announced to screen readers. */
export function LiveRegion({ id, follow, everySeconds, pauseSeconds, children }: LiveRegionProps) {
  return (
    <>
      <p class="live">
        <span class="live-sign" data-live-sign hidden>
          Live
        </span>{" "}
        <span role="status" data-live-status />
      </p>
      <div id={id} data-live={follow} data-live-every={everySeconds} data-live-pause={pauseSeconds} data-live-region>
        {children}
      </div>
    </>
  );
}
