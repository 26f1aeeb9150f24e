/** Emails and campaigns whose names have what was looked for in them, with the way to their messages. */
import type { Grouping, GroupRow } from "./group-table.tsx";
import { MAILING_LABELS, nameOf } from "./message-parts.tsx";
import type { MessageSearch } from "./message-search.ts";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

/** How many of each kind are shown, the latest. */
const MOST = 5;

export interface NamedMailing {
  readonly by: Grouping;
  readonly id: string;
  readonly name: string;
}

/** Fields of the form that take ids, and of what a name in them may be. */
const LOOKED_FOR = [
  ["find", "email"],
  ["find", "campaign"],
  ["email", "email"],
  ["campaign", "campaign"],
] as const;

/** What the texts of the form may have meant, where no message was found by them. */
export async function mailingsNamed({ api }: Visit, search: MessageSearch): Promise<readonly NamedMailing[]> {
  const found = new Map<string, NamedMailing>();
  for (const [field, by] of LOOKED_FOR) {
    const name = search[field];
    if (name === "" || name.includes("@")) continue;
    const query = { by, name, sort: "sent_at", limit: MOST } as const;
    const rows = await orNone(answered(api.GET("/v1/reports/emails", { params: { query } })));
    for (const row of rows) {
      const of = row[by];
      if (of?.name === undefined) continue;
      found.set(`${by} ${of.id}`, { by, id: String(of.id), name: nameOf(of, by) });
    }
  }
  return [...found.values()];
}

/** None for a text that cannot be a name. */
async function orNone(answer: Promise<{ readonly data: readonly GroupRow[] }>): Promise<readonly GroupRow[]> {
  try {
    return (await answer).data;
  } catch (error) {
    if (error instanceof ApiTrouble && error.status === 400) return [];
    throw error;
  }
}

export function NamedMailings({ mailings }: { readonly mailings: readonly NamedMailing[] }) {
  if (mailings.length === 0) return null;
  return (
    <>
      <p>These have it in their names, and lead to their messages:</p>
      <ul class="people">
        {mailings.map(({ by, id, name }) => (
          <li>
            {`${MAILING_LABELS[by]} `}
            <a href={`/app/messages?${new URLSearchParams({ [by]: id })}`}>
              <bdi>{name}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
