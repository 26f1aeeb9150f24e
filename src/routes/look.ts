import { Hono } from "hono";
import type { Env } from "../env.ts";
export const look = new Hono<{ Bindings: Env }>();
