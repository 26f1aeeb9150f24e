/** What the dashboard's page "Try it" uses of the preview. */
export {
  newReaderId,
  OWN_EMAIL,
  type Reader,
  readerOf,
  SAMPLE_CAMPAIGN,
  SAMPLE_EMAIL,
  SAMPLE_HISTORY,
} from "./reader.ts";
