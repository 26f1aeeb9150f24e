import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "sqlite", schema: "src/events/schema.ts", out: "migrations" });
