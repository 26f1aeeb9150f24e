/** What this log has of a lead, in the forms in which Marketo describes fields. */

export interface LeadField {
  readonly name: "id" | "email";
  readonly displayName: string;
  readonly dataType: "integer" | "email";
  readonly length?: number;
}

export const LEAD_FIELDS: readonly LeadField[] = [
  { name: "id", displayName: "Id", dataType: "integer" },
  { name: "email", displayName: "Email Address", dataType: "email", length: 255 },
];

/** The answer of leads/describe.json. */
export const DESCRIBED_LEAD = LEAD_FIELDS.map(({ name, ...field }, index) => ({
  id: index + 1,
  ...field,
  rest: { name, readOnly: true },
}));

/** The answer of leads/schema/fields.json. */
export const LEAD_SCHEMA = LEAD_FIELDS.map((field) => ({ ...field, isHidden: false, isApiCreated: false }));

/** The answer of leads/describe2.json. */
export const DESCRIBED_LEAD_2 = [
  {
    name: "Lead",
    searchableFields: LEAD_FIELDS.map(({ name }) => [name]),
    fields: LEAD_FIELDS.map((field) => ({ ...field, updateable: false, crmManaged: false })),
  },
];
