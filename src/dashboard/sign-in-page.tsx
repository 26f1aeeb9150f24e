/**
 * The page to sign in: a form for an API key, one for a client, and where Cloudflare Access is set up what there is to
 * know about it. Usable without JavaScript.
 */
import { Notice, Section } from "../web/components/content.tsx";
import { TextField } from "../web/components/form.tsx";
import type { NotSignedIn } from "./viewer.ts";

export interface SignInView {
  /** Where signing in leads. */
  readonly next: string;
  /** A sentence about what was just done. */
  readonly notice?: string;
  readonly problem?: SignInProblem;
  /** The client's id as it was given. */
  readonly client?: string;
  /** Where Cloudflare Access is set up. */
  readonly access?: AccessView;
  /** In development the key of this machine, filled in. */
  readonly developmentKey?: string;
}

export interface AccessView {
  /** "acme.cloudflareaccess.com" */
  readonly team: string;
  /** Why it has signed nobody in. */
  readonly reason: NotSignedIn;
}

export interface SignInProblem {
  readonly message: string;
  /** Where it is; without one it concerns both forms. */
  readonly field?: "key" | "secret";
}

export function SignInForms({ next, notice, problem, client, access, developmentKey }: SignInView) {
  const problemOf = (field: SignInProblem["field"]) => (problem?.field === field ? problem?.message : undefined);
  const general = problemOf(undefined);
  return (
    <>
      {notice === undefined ? null : <Notice kind="done">{notice}</Notice>}
      {general === undefined ? null : <Notice kind="problem">{general}</Notice>}
      {access === undefined ? null : <AccessSection {...access} />}
      <Section title="With an API key">
        <form method="post" action="/app/sign-in">
          <input type="hidden" name="next" value={next} />
          <TextField
            {...SECRET}
            name="key"
            label="API key"
            value={developmentKey}
            {...(developmentKey === undefined ? {} : { hint: "This is the one of this machine, from .dev.vars." })}
            problem={problemOf("key")}
          />
          <button type="submit">Sign in</button>
        </form>
      </Section>
      <Section title="With a client">
        <form method="post" action="/app/sign-in">
          <input type="hidden" name="next" value={next} />
          <TextField name="client" label="Client’s id" autocomplete="username" isRequired value={client} />
          <TextField {...SECRET} name="secret" label="Client’s secret" problem={problemOf("secret")} />
          <button type="submit">Sign in</button>
        </form>
      </Section>
    </>
  );
}

/** Why nobody is signed in by Access, and what to do. */
const REASONS: Readonly<Record<Exclude<NotSignedIn, "over">, string>> = {
  nobody: "This request came without its assertion: open the dashboard at the address that Access protects.",
  forged: "The assertion of this request is not signed with the team’s keys. Is ACCESS_TEAM_DOMAIN the right one?",
  foreign: "The assertion of this request is for another application. Is ACCESS_AUDIENCE the right one?",
  expired: "The assertion of this request has expired. Load the page again.",
  no_user: "The assertion of this request is a service token’s, which is no person.",
};

function AccessSection({ team, reason }: AccessView) {
  const signedOut = (
    <>
      You are signed out. To sign in again, first <a href="/cdn-cgi/access/logout">sign out of Cloudflare Access</a>,
      too.
    </>
  );
  return (
    <Section title="With Cloudflare Access">
      <p>
        Users of <b>{team}</b> are signed in without a form. {reason === "over" ? signedOut : REASONS[reason]}
      </p>
      <p>The forms below are for operators.</p>
    </Section>
  );
}

const SECRET = { type: "password", autocomplete: "current-password", isRequired: true } as const;
