/** The dashboard: pages of /app. */
export { addDashboard } from "./routes.tsx";
