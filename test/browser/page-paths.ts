/** The pages of the dashboard that tests walk through: each at least once. */

/** Of the sample history. */
export const EMAIL = 2005;
export const CAMPAIGN = 501;

/** The parts of addresses that are found or made before the walk. */
export interface MadeForWalk {
  /** The reference of a message. */
  readonly message: string;
  /** Of the same message: "2005/501/7" */
  readonly messageIds: string;
  readonly person: string;
  /** The id of a webhook endpoint. */
  readonly endpoint: string;
  /** The id of an erasure. */
  readonly erasure: string;
}

/** Their addresses below the origin. */
export function pathsOf({ message, messageIds, person, endpoint, erasure }: MadeForWalk): readonly string[] {
  return [
    "/app",
    "/app/messages",
    `/app/messages/${message}`,
    `/app/messages/${messageIds}`,
    "/app/emails",
    `/app/emails/${EMAIL}`,
    `/app/emails/${EMAIL}/clicks`,
    `/app/emails/${EMAIL}/recipients?did=clicked`,
    "/app/campaigns",
    `/app/campaigns/${CAMPAIGN}`,
    `/app/campaigns/${CAMPAIGN}/recipients?did=opened`,
    `/app/compare?email=${EMAIL}&email=2002`,
    "/app/deliverability",
    "/app/suppressions",
    "/app/webhooks",
    `/app/webhooks/${endpoint}`,
    "/app/exports",
    "/app/people",
    `/app/people/${person}`,
    `/app/people/erasures/${erasure}`,
    "/app/health",
    "/app/try?reader=7",
    "/app/try?reader=7&email=own",
  ];
}
