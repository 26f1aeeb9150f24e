/** Clients that hang up in the middle, on real sockets: what the others were answered is compared with what D1 holds. */
import { connect } from "node:net";
import { expect, it } from "vitest";
