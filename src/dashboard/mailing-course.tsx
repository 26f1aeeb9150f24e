/** Opens and clicks as they came: the first 48 hours of an email, the whole time of a campaign of several. */
import { LineChart, timeAxis } from "../web/charts/index.ts";
import { Section } from "../web/components/content.tsx";
import { countWords } from "../web/format.ts";
import { LocalTime } from "../web/local-time.tsx";
import { archivedNote, emptyWords } from "./archived-words.ts";
import type { GroupRow } from "./group-table.tsx";
import type { ActivityAnswer, Course } from "./mailing.ts";
import { TooLarge } from "./mailing-sections.tsx";
import { nameOf } from "./message-parts.tsx";
import { botsIn } from "./report-choices.tsx";
import type { Visit } from "./visit.ts";

export interface OpensInCourseProps {
  readonly course: Course;
  readonly firstSentAt: string;
  readonly visit: Visit;
  /** Whether only messages of a period count. */
  readonly isOfPeriod: boolean;
  /** The emails of a campaign; none on an email's page. */
  readonly emails: readonly GroupRow[];
  /** Whether messages were sent after the hours that are shown. */
  readonly hasLater: boolean;
}

/** Opens and clicks by when they happened. Bots' have their lines where they count, too. */
export function OpensInCourse(props: OpensInCourseProps) {
  const { course, emails, visit } = props;
  const { activity, by, endMs } = course;
  const title = emails.length > 1 ? `Opens and clicks by ${by}` : "The first 48 hours";
  if ("tooLarge" in activity) return <TooLarge title={title} message={activity.tooLarge} />;
  const { data } = activity;
  const byPeople = [
    { label: "Opens by people", values: data.map(({ opened }) => opened) },
    { label: "Clicks by people", values: data.map(({ clicks }) => clicks) },
  ];
  const byBots = [
    { label: "Opens by bots", values: data.map(({ bots }) => bots.opened) },
    { label: "Clicks by bots", values: data.map(({ bots }) => bots.clicks) },
  ];
  const isWithBots = botsIn(visit.url) === "include";
  const shown = isWithBots ? [...byPeople, ...byBots] : byPeople;
  return (
    <Section
      title={title}
      note={
        <>
          <AboutCourse {...props} total={activity.total} />
          {archivedNote(activity)}
        </>
      }
    >
      <LineChart
        title={`Opens and clicks ${by === "hour" ? "an" : "a"} ${by}`}
        untitled
        axis={timeAxis(
          by,
          data.map(({ local = "" }) => local),
        )}
        series={shown.some(({ values }) => values.some((count) => count > 0)) ? shown : []}
        empty={emptyWords(activity, `${isWithBots ? "Nothing was" : "No person"} opened or clicked in this time.`)}
        isUnfinished={visit.nowMs < endMs}
      />
    </Section>
  );
}

/** Which hours or days these are, by which email they begin, and what is not in them. */
type AboutCourseProps = OpensInCourseProps & { readonly total: ActivityAnswer["total"] };

function AboutCourse({ firstSentAt, visit: { url, zone }, isOfPeriod, emails, hasLater, total }: AboutCourseProps) {
  const first = emails.find((email) => email.firstSentAt === firstSentAt)?.email;
  const isOfSeveral = emails.length > 1;
  const byPeople = `${countWords(total.opened, "open")} and ${countWords(total.clicks, "click")} by people`;
  return (
    <>
      From <LocalTime at={firstSentAt} zone={zone} />, when the first {isOfSeveral ? "email" : "message"}
      {isOfPeriod ? " of the period" : ""}
      {first === undefined ? "" : isOfSeveral ? ", " : " of "}
      {first === undefined ? null : <bdi>{nameOf(first, "email")}</bdi>}
      {first !== undefined && isOfSeveral ? "," : ""} was sent
      {isOfSeveral ? ", until two weeks after the last message, of all emails" : ""}: {byPeople}
      {botsWords(total.bots, botsIn(url) === "include")}. Each counts at its own time, and a click is no open here.
      {hasLater ? " Messages were also sent after these hours; what became of them is not in this chart." : ""}
    </>
  );
}

function botsWords({ opened, clicks }: ActivityAnswer["total"]["bots"], isWithBots: boolean): string {
  if (opened + clicks === 0) return "";
  return `, ${isWithBots ? "and" : "without"} ${countWords(opened, "open")} and ${countWords(clicks, "click")} by bots`;
}
