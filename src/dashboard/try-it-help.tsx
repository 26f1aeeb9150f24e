/** How a developer sends an email of their own, with the key of their machine. */
import { Section } from "../web/components/content.tsx";
import { CopyButton } from "../web/components/copy-button.tsx";

export function OwnMailHelp({ apiKey, origin }: { readonly apiKey: string; readonly origin: string }) {
  const call = [
    `curl ${origin}/v1/decorate \\`,
    `  -H "Authorization: Bearer ${apiKey}" \\`,
    `  -H "Content-Type: application/json" -d '{`,
    `    "email": {"id": 1},`,
    `    "person": {"id": 7, "address": "you@example.com"},`,
    `    "campaign": {"id": 1},`,
    `    "html": "<p>Hello <a href=\\"https://example.com/\\">there</a>. {{unsubscribe}}</p>"`,
    `  }'`,
  ];
  const command = [
    `npx waxseal decorate mail.eml --email 1 --person 7 --campaign 1 \\`,
    `  --origin ${origin} --out decorated.eml`,
  ];
  return (
    <Section title="From your own program" note="Open what comes back in a browser: the message appears above.">
      <div class="columns">
        <Copied id="call" title="By the API" lines={call} />
        <Copied id="command" title="A whole message from a file" lines={command} />
      </div>
      <p>
        <code>npm run demo -- mail.eml</code> plays an email’s whole life in the terminal; docs/send.md sends in bulk;
        docs/deploy.md deploys. This page and this key are of this machine: a deployed Worker has neither.
      </p>
    </Section>
  );
}

interface CopiedProps {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
}

function Copied({ id, title, lines }: CopiedProps) {
  return (
    <div class="copied">
      <div class="card-head">
        <h3>{title}</h3>
        <CopyButton of={id} isQuiet />
      </div>
      <pre id={id}>{lines.join("\n")}</pre>
    </div>
  );
}
