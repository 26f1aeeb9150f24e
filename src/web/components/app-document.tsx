/** The document of a page for people who are signed in: navigation, main part, foot. Readable without its script. */
import type { Child } from "hono/jsx";
import { ZoneForm, type ZoneFormProps } from "./zone-form.tsx";

export interface NavigationLink {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
}

export interface SignOutWords {
  readonly here: string;
  /** Whose sessions it ends. */
  readonly everywhere: string;
}

export interface AppDocumentProps {
  readonly title: string;
  readonly navigation: readonly NavigationLink[];
  /** Who is signed in. */
  readonly viewer: string;
  /** What the two buttons to sign out say: of this session, and of all. */
  readonly signOut: SignOutWords;
  /** The time zone of the times on the page. */
  readonly zone: ZoneFormProps;
  readonly children: Child;
}

export function AppDocument({ title, navigation, viewer, signOut, zone, children }: AppDocumentProps) {
  return (
    <BareDocument title={title}>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <div class="app">
        <header class="side">
          <a class="brand" href="/app">
            <Seal />
            Waxseal
          </a>
          <details class="menu" id="menu">
            <summary>Menu</summary>
            <Navigation links={navigation} />
          </details>
          <nav class="wide" aria-label="Pages">
            <Navigation links={navigation} />
          </nav>
        </header>
        <main id="main" tabindex={-1}>
          {children}
          <Foot viewer={viewer} signOut={signOut} zone={zone} />
        </main>
      </div>
    </BareDocument>
  );
}

/** A document with the dashboard's style and script, and nothing around its content. */
export function BareDocument({ title, children }: { readonly title: string; readonly children: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${title} · Waxseal`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/app/assets/icon.svg" />
        <link rel="stylesheet" href="/app/assets/app.css" />
        <script type="module" src="/app/assets/app.js" />
      </head>
      <body>{children}</body>
    </html>
  );
}

function Navigation({ links }: { readonly links: readonly NavigationLink[] }) {
  return (
    <ul>
      {links.map(({ label, href, isCurrent }) => (
        <li>
          <a href={href} aria-current={isCurrent ? "page" : undefined}>
            {label}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Foot({ viewer, signOut, zone }: Pick<AppDocumentProps, "viewer" | "signOut" | "zone">) {
  return (
    <footer class="foot">
      <p>
        Times are in {zone.zone}. Signed in as <b dir="auto">{viewer}</b>.
      </p>
      <ZoneForm {...zone} />
      <form method="post" action="/app/sign-out">
        <button class="quiet" type="submit">
          {signOut.here}
        </button>
        <button class="quiet" type="submit" formaction="/app/sign-out-everywhere">
          {signOut.everywhere}
        </button>
      </form>
    </footer>
  );
}

/** Waxseal's logo. */
export function Seal() {
  return (
    <svg class="seal" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      <path d="M7 9h10v7H7zm0 .5 5 4 5-4" />
    </svg>
  );
}
