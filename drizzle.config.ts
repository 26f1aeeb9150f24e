import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: [
    "src/events/schema.ts",
    "src/events/archive-schema.ts",
    "src/events/privacy-schema.ts",
    "src/events/webhook-schema.ts",
    "src/events/session-schema.ts",
    "src/events/mailing-schema.ts",
    "src/events/source-schema.ts",
  ],
  out: "migrations",
});
