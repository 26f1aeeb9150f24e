/** Pages of the dashboard for somebody who is not signed in: without navigation. */
import type { Child } from "hono/jsx";
import { BareDocument, Seal } from "../web/components/app-document.tsx";
import { htmlAnswer } from "./answers.tsx";

export function plainPage(title: string, body: Child, status: number): Response {
  const document = (
    <BareDocument title={title}>
      <main class="plain-page">
        <p class="brand">
          <Seal />
          Waxseal
        </p>
        <h1>{title}</h1>
        {body}
      </main>
    </BareDocument>
  );
  return htmlAnswer(String(document), status);
}
