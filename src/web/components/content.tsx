/** Parts of pages for people who are signed in: notices, empty states, figures, lists of facts, pages of a list. */
import type { Child } from "hono/jsx";

export type NoticeKind = "done" | "warning" | "problem" | "note";

/** A sentence that stands out. `done` and `problem` are read out when the page is shown. */
export function Notice({ kind, children }: { readonly kind: NoticeKind; readonly children: Child }) {
  const role = kind === "done" ? "status" : kind === "problem" ? "alert" : undefined;
  return (
    <div class={`notice ${kind}`} role={role}>
      {children}
    </div>
  );
}

/** What is shown where there is nothing yet: says what to do next. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: Child }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export interface SectionProps {
  readonly title: string;
  /** For links that lead here. */
  readonly id?: string;
  /** A sentence on what is counted and what is left out. */
  readonly note?: Child;
  /** The same below, where the numbers come first. */
  readonly footnote?: Child;
  readonly tools?: Child;
  readonly children: Child;
}

export function Section({ title, id, note, footnote, tools, children }: SectionProps) {
  return (
    <section class="card" id={id}>
      <header class="card-head">
        <h2>{title}</h2>
        {tools === undefined ? null : <div class="tools">{tools}</div>}
      </header>
      {note === undefined ? null : <p class="note">{note}</p>}
      {children}
      {footnote === undefined ? null : <p class="note footnote">{footnote}</p>}
    </section>
  );
}

export interface Fact {
  readonly label: string;
  readonly value: Child;
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(({ label, value }) => (
        <div>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface FigureProps {
  readonly label: string;
  /** "1,204" */
  readonly value: string;
  /** What it is a part of, and how it was before: "31.2 % of delivered", "+4 % against the 30 days before". */
  readonly detail?: Child;
  readonly href?: string;
}

/** Figures side by side, the most important first. */
export function Figures({ figures }: { readonly figures: readonly FigureProps[] }) {
  return (
    <dl class="figures">
      {figures.map(({ label, value, detail, href }) => (
        <div>
          <dt>{href === undefined ? label : <a href={href}>{label}</a>}</dt>
          <dd class="figure">{value}</dd>
          {detail === undefined ? null : <dd class="detail">{detail}</dd>}
        </div>
      ))}
    </dl>
  );
}

/** The way to the next page of a list; nothing at its end. */
export function Pager({ next, url }: { readonly next: string | undefined; readonly url: URL }) {
  const first = url.searchParams.has("cursor") ? withParameters(url, { cursor: undefined }) : undefined;
  if (next === undefined && first === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages of this list">
      {first === undefined ? null : <a href={first}>First page</a>}
      {next === undefined ? null : (
        <a rel="next" href={withParameters(url, { cursor: next })}>
          Next page
        </a>
      )}
    </nav>
  );
}

/**
 * The address of the same view with other parameters; undefined takes one away.
 * @example withParameters(visit.url, { cursor: undefined, bots: "include" })
 */
export function withParameters(url: URL, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(url.searchParams);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? url.pathname : `${url.pathname}?${text}`;
}
