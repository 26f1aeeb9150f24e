/** Messages that were erased, of which files have the row from before until they are rewritten. */
import { recalledMessages } from "../../events/archive-schema.ts";
import { assign, type Sql, sql } from "../../platform/sql.ts";

/**
 * The statement by which a file loses messages that an erasure renames, even when D1 has a row of the same names again,
 * because something has happened since.
 * @param named selects `email`, `campaign` and `person`
 */
export function noteErased(named: Sql, condition: Sql): Sql {
  const { email, campaign, person } = recalledMessages;
  // Without an archive the names need not be read again.
  const names = sql`SELECT * FROM ${named} WHERE EXISTS (SELECT 1 FROM ${recalledMessages})`;
  return sql`UPDATE ${recalledMessages} SET ${assign(recalledMessages, { isErased: 1 })}
WHERE (${email}, ${campaign}, ${person}) IN (${names}) AND ${condition}`;
}
