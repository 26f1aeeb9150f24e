/** The overview: how mail does over a period, people apart from bots, against the period before. */
import { EmptyState, Figures, Section } from "../web/components/content.tsx";
import type { DashboardPage } from "./page.ts";
import { answered } from "./visit.ts";

export const overview: DashboardPage = {
  path: "",
  scope: "read",
  show: async ({ api, zone }) => {
    const { data } = await answered(api.GET("/v1/reports/series", { params: { query: { by: "day", zone } } }));
    const sent = data.reduce((sum, row) => sum + row.sent, 0);
    const body =
      sent === 0 ? (
        <EmptyState title="No mail has been sent yet" />
      ) : (
        <Section title="The last 30 days">
          <Figures figures={[{ label: "Sent", value: String(sent) }]} />
        </Section>
      );
    return { title: "Overview", body };
  },
};
