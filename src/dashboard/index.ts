/** The dashboard: pages of /app. */
export { addDashboard } from "./routes.tsx";
export { addDeveloperSignIn } from "./sign-in-routes.ts";
export { tryIt } from "./try-it.tsx";
