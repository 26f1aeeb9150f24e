/** The options of an endpoint, and what a command says that does not find one. */
import { type Command, InvalidArgumentError, Option } from "commander";

export const NO_ENDPOINT = { whenNotFound: '"waxseal webhooks list" shows the ids.' } as const;

export interface EndpointOptions {
  readonly events?: string;
  readonly email?: string;
  readonly campaign?: string;
  readonly bots?: "include" | "exclude";
  readonly ordered?: boolean;
  readonly unordered?: boolean;
  readonly batch?: number;
  readonly description?: string;
}

export function withEndpointOptions(command: Command): Command {
  return command
    .option("--events <types>", "email.opened, email.clicked, … with commas between (default: all)")
    .option("--email <id>", "only events of this email")
    .option("--campaign <id>", "only events of this campaign")
    .addOption(new Option("--bots <how>", "what bots did (default: include)").choices(["include", "exclude"]))
    .addOption(new Option("--unordered", "no event waits for one before it that is not accepted").conflicts("ordered"))
    .option("--batch <number>", "at most so many events a post, 1 to 100 (default: 1)", readNumber)
    .option("--description <text>", "for people to read");
}

/** What options say, as /v1 takes it: without those that are not given; null takes a filter or the description away. */
export function endpointFields(options: EndpointOptions): object {
  const { events, email, campaign, bots, ordered, unordered, batch, description } = options;
  return {
    ...(events === undefined ? {} : { events: events === "" ? null : events.split(",").map((type) => type.trim()) }),
    ...(email === undefined ? {} : { email: email || null }),
    ...(campaign === undefined ? {} : { campaign: campaign || null }),
    ...(bots === undefined ? {} : { bots }),
    ...(unordered === true ? { ordered: false } : {}),
    ...(ordered === true ? { ordered } : {}),
    ...(batch === undefined ? {} : { batch }),
    ...(description === undefined ? {} : { description: description || null }),
  };
}

function readNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError("It is a number from 1 to 100.");
  return Number(text);
}
