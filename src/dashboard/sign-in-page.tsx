/** The page to sign in: two forms, one for an API key, one for a client. Usable without JavaScript. */
import { Notice, Section } from "../web/components/content.tsx";
import { TextField } from "../web/components/form.tsx";

export interface SignInView {
  /** Where signing in leads. */
  readonly next: string;
  /** A sentence about what was just done. */
  readonly notice?: string;
  readonly problem?: SignInProblem;
  /** The client's id as it was given. */
  readonly client?: string;
  /** In development the key of this machine, filled in. */
  readonly developmentKey?: string;
}

export interface SignInProblem {
  readonly message: string;
  /** Where it is; without one it concerns both forms. */
  readonly field?: "key" | "secret";
}

export function SignInForms({ next, notice, problem, client, developmentKey }: SignInView) {
  const problemOf = (field: SignInProblem["field"]) => (problem?.field === field ? problem?.message : undefined);
  const general = problemOf(undefined);
  return (
    <>
      {notice === undefined ? null : <Notice kind="done">{notice}</Notice>}
      {general === undefined ? null : <Notice kind="problem">{general}</Notice>}
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

const SECRET = { type: "password", autocomplete: "current-password", isRequired: true } as const;
