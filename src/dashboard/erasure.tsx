/** How far an erasure is. What is kept of one that is done names nobody. */
import { Facts, Notice, Section } from "../web/components/content.tsx";
import { LiveRegion } from "../web/components/live-region.tsx";
import { formatCount } from "../web/format.ts";
import { LocalTime } from "../web/local-time.tsx";
import type { DashboardPage } from "./page.ts";
import { answered } from "./visit.ts";

const REFRESH_SECONDS = 3;

export const erasure: DashboardPage = {
  path: "/people/erasures/:id",
  scope: "admin",
  show: async ({ api, params, zone, url }) => {
    const { id = "" } = params;
    const { done, requestedAt, doneAt, events, filesUntil } = await answered(
      api.GET("/v1/people/erasures", { params: { query: { id } } }),
    );
    const times = [
      ["Requested", requestedAt],
      ["Done", doneAt],
      ["Files of bulk extracts may hold the events until", filesUntil],
    ] as const;
    const facts = times.flatMap(([label, at]) =>
      at === undefined ? [] : [{ label, value: <LocalTime at={at} zone={zone} exact="second" /> }],
    );
    return {
      title: "Erasure",
      body: (
        <LiveRegion id="erasure" {...(done ? {} : { everySeconds: REFRESH_SECONDS })}>
          {done ? (
            <Notice kind="done">It is done: what identified them has left the log.</Notice>
          ) : (
            <Notice kind="note">
              It is stored, and goes on by itself. <a href={url.pathname}>See how far it is</a>
            </Notice>
          )}
          <Section title="Progress">
            <Facts facts={[{ label: "Events changed", value: formatCount(events) }, ...facts]} />
          </Section>
          <p>
            Programs that read the log before have what they read. D1 can be restored to any minute of 30 days.{" "}
            <a href="/app/people">Look for somebody else</a>
          </p>
        </LiveRegion>
      ),
    };
  },
};
