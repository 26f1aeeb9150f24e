/** Every page of the dashboard over the seeded log, and the calls of `/v1` that it makes. */

/** A page, and what it asks of the API, one after the other. */
export interface PageOfCalls {
  readonly name: string;
  readonly page: string;
  /** None where the page asks nothing, or what is answered 404. */
  readonly calls: readonly string[];
  /** Whether it is asked without a session. Default: false */
  readonly isSignedOut?: boolean;
}

/** What is made for the pages: the ids of an endpoint and of an erasure, and a message's reference. */
export interface Made {
  readonly endpoint: string;
  readonly erasure: string;
  readonly message: string;
}

const DAYS = "from=2026-10-01&to=2026-10-30";
const PERIOD = "since=2026-10-01T00:00:00.000Z&until=2026-10-31T00:00:00.000Z";
const BEFORE = "since=2026-09-01T00:00:00.000Z&until=2026-10-01T00:00:00.000Z";
/** One of twenty emails: 5,000 messages, 50,000 events. */
export const EMAIL = "1005";
const OTHER_EMAIL = "1006";
/** All twenty. */
const CAMPAIGN = "88012";
/** Of all people the one with the most events: some ten thousand. */
export const PERSON = "5000000";
/** When the log's first message was sent, and the email's. */
const CAMPAIGN_AT_MS = Date.UTC(2026, 9, 1);
const EMAIL_AT_MS = CAMPAIGN_AT_MS + 5 * 50_000_000;
const FIRST_MS = 48 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** Of the campaign's last email. */
const LAST_AT_MS = CAMPAIGN_AT_MS + 19 * 50_000_000 + 4_999_000;

export function pagesOf({ endpoint, erasure, message }: Made): readonly PageOfCalls[] {
  return [
    { name: "sign-in", page: "/app/sign-in", calls: [], isSignedOut: true },
    {
      name: "overview",
      page: `/app?${DAYS}`,
      calls: [
        "/v1/events?cursor=end&limit=1",
        `/v1/reports/series?by=day&${PERIOD}`,
        `/v1/reports/series?by=day&${BEFORE}`,
        `/v1/reports/emails?by=campaign&sort=sent_at&limit=6&${PERIOD}`,
      ],
    },
    ...MESSAGES,
    { name: "a message", page: `/app/messages/${message}`, calls: timelineCalls(message) },
    {
      name: "a message by its ids",
      page: `/app/messages/${EMAIL}/${CAMPAIGN}/${PERSON}`,
      calls: timelineCalls(`${EMAIL}/${CAMPAIGN}/${PERSON}`),
    },
    ...MAILINGS,
    {
      name: "deliverability",
      page: `/app/deliverability?${DAYS}`,
      calls: [`/v1/reports/domains?limit=50&${PERIOD}`, `/v1/reports/bounces?limit=1000&${PERIOD}`],
    },
    { name: "suppressions", page: "/app/suppressions", calls: ["/v1/suppressions?limit=50"] },
    { name: "people", page: "/app/people", calls: [] },
    { name: "a person", page: `/app/people/${PERSON}`, calls: [`/v1/people/held?person=${PERSON}`] },
    { name: "an erasure", page: `/app/people/erasures/${erasure}`, calls: [`/v1/people/erasures?id=${erasure}`] },
    { name: "webhooks", page: "/app/webhooks", calls: ["/v1/webhook-endpoints"] },
    {
      name: "an endpoint",
      page: `/app/webhooks/${endpoint}`,
      calls: [`/v1/webhook-endpoints/${endpoint}`, `/v1/webhook-endpoints/${endpoint}/deliveries?limit=50`],
    },
    { name: "exports", page: "/app/exports", calls: [] },
    { name: "health", page: "/app/health", calls: ["/healthz", "/v1/dead-letters?limit=20", "/v1/settings"] },
    { name: "try it", page: `/app/try?reader=${READER}`, calls: [] },
  ];
}

const MESSAGES: readonly PageOfCalls[] = [
  { name: "messages", page: "/app/messages", calls: ["/v1/messages?limit=50"] },
  {
    name: "messages of an email",
    page: `/app/messages?email=${EMAIL}`,
    calls: [`/v1/messages?email=${EMAIL}&limit=50`],
  },
  {
    name: "messages of a person",
    page: `/app/messages?find=${PERSON}`,
    calls: [`/v1/messages?person=${PERSON}&limit=50`],
  },
];

/** Of "Try it": somebody to whom nothing has happened. */
const READER = "1";

function timelineCalls(message: string): readonly string[] {
  return [
    `/v1/messages/${message}?limit=100`,
    `/v1/suppressions/check?person=${PERSON}&address=p${PERSON}%40mail0.example`,
  ];
}

const MAILINGS: readonly PageOfCalls[] = [
  {
    name: "emails",
    page: `/app/emails?${DAYS}`,
    calls: [`/v1/reports/emails?by=email&sort=sent_at&bots=exclude&limit=25&trend=30&${PERIOD}`],
  },
  {
    name: "an email",
    page: `/app/emails/${EMAIL}`,
    calls: [
      `/v1/reports/emails?by=email&sort=sent_at&bots=exclude&limit=1&email=${EMAIL}`,
      `/v1/reports/links?email=${EMAIL}&bots=exclude&limit=50`,
      `/v1/reports/emails?by=campaign&sort=sent_at&bots=exclude&limit=20&email=${EMAIL}`,
      ...detailCalls(`email=${EMAIL}`, EMAIL_AT_MS, { by: "hour", untilMs: EMAIL_AT_MS + FIRST_MS }),
    ],
  },
  ...(["opened", "clicked", "not_opened"] as const).map((did) => ({
    name: `who did what: ${did}`,
    page: `/app/emails/${EMAIL}/recipients?did=${did}`,
    calls: [`/v1/reports/recipients?did=${did}&email=${EMAIL}&bots=exclude&limit=50`],
  })),
  {
    name: "who did what: CSV",
    page: `/app/files/reports/recipients.csv?did=not_opened&email=${EMAIL}`,
    calls: [`/v1/reports/recipients.csv?did=not_opened&email=${EMAIL}`],
  },
  {
    name: "click map",
    page: `/app/emails/${EMAIL}/clicks`,
    calls: [`/v1/reports/links?email=${EMAIL}`, `/v1/emails/${EMAIL}/source?pictures=0`],
  },
  {
    name: "click map: frame",
    page: `/app/emails/${EMAIL}/source`,
    calls: [`/v1/reports/links?email=${EMAIL}`, `/v1/emails/${EMAIL}/source?pictures=0`],
  },
  {
    name: "compare",
    page: `/app/compare?email=${EMAIL}&email=${OTHER_EMAIL}`,
    calls: [
      ...[EMAIL, OTHER_EMAIL].map((email) => `/v1/reports/emails?by=email&bots=exclude&limit=1&email=${email}`),
      "/v1/reports/emails?by=email&bots=exclude&sort=sent_at&limit=15",
    ],
  },
  {
    name: "campaigns",
    page: `/app/campaigns?${DAYS}`,
    calls: [`/v1/reports/emails?by=campaign&sort=sent_at&bots=exclude&limit=25&trend=30&${PERIOD}`],
  },
  {
    name: "a campaign",
    page: `/app/campaigns/${CAMPAIGN}`,
    calls: [
      `/v1/reports/emails?by=campaign&sort=sent_at&bots=exclude&limit=1&campaign=${CAMPAIGN}`,
      `/v1/reports/links?campaign=${CAMPAIGN}&bots=exclude&limit=50`,
      `/v1/reports/emails?by=email&sort=sent_at&bots=exclude&limit=50&campaign=${CAMPAIGN}`,
      ...detailCalls(`campaign=${CAMPAIGN}`, CAMPAIGN_AT_MS, { by: "day", untilMs: LAST_AT_MS + 14 * DAY_MS }),
    ],
  },
  {
    name: "who did what in a campaign",
    page: `/app/campaigns/${CAMPAIGN}/recipients?did=clicked`,
    calls: [`/v1/reports/recipients?did=clicked&campaign=${CAMPAIGN}&bots=exclude&limit=50`],
  },
];

/** Of an email or a campaign, as `detailsOf` of src/dashboard/mailing.ts asks. */
function detailCalls(
  mailing: string,
  firstAtMs: number,
  course: { readonly by: "hour" | "day"; readonly untilMs: number },
): readonly string[] {
  const [first, end] = [firstAtMs, course.untilMs].map((ms) => new Date(ms).toISOString());
  const period = `since=${first}&until=${end}&weekUntil=${new Date().toISOString()}`;
  return [
    `/v1/reports/activity?by=${course.by}&zone=UTC&${period}&${mailing}`,
    `/v1/reports/devices?limit=10&${mailing}`,
    `/v1/reports/domains?bots=exclude&limit=10&${mailing}`,
    `/v1/reports/bounces?limit=10&${mailing}`,
  ];
}
