/** Bulk extract: `/bulk/v1/activities/export…`. */
import { MarketoError } from "./envelope.ts";

const notYet = (): Response => {
  throw new MarketoError("610");
};
export const createExport = notYet;
export const enqueueExport = notYet;
export const cancelExport = notYet;
export const exportStatus = notYet;
export const exportFile = notYet;
export const listExports = notYet;
