/** Forms that work without a script: labelled fields with their hint and their error, filters, actions. */
import type { Child } from "hono/jsx";

interface FieldBase {
  readonly label: string;
  readonly name: string;
  /** The id of its form, where a page has several with a field of this name. */
  readonly form?: string;
  /** Below the label: what to write, in which form. */
  readonly hint?: string;
  /** Why what was written is refused. */
  readonly problem?: string | undefined;
  readonly isRequired?: boolean;
}

export interface TextFieldProps extends FieldBase {
  readonly value?: string | undefined;
  readonly type?: "text" | "search" | "email" | "password" | "date" | "datetime-local" | "url" | "number";
  readonly autocomplete?: string;
  readonly placeholder?: string;
  /** Several lines. */
  readonly rows?: number;
  readonly maxLength?: number;
}

export function TextField(props: TextFieldProps) {
  const { name, value, type = "text", autocomplete = "off", placeholder, rows, maxLength, isRequired } = props;
  const common = {
    id: `field-${keyOf(props)}`,
    name,
    placeholder,
    maxlength: maxLength,
    required: isRequired,
    autocomplete,
    dir: "auto",
    autofocus: props.problem !== undefined,
    ...describedBy(props),
  } as const;
  const control =
    rows === undefined ? (
      <input type={type} value={value} {...common} />
    ) : (
      <textarea rows={rows} {...common}>
        {value}
      </textarea>
    );
  return <Labelled {...props}>{control}</Labelled>;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface ChoiceFieldProps extends FieldBase {
  readonly choices: readonly Choice[];
  /** The value of the one that is chosen. */
  readonly value?: string | undefined;
}

export function ChoiceField(props: ChoiceFieldProps) {
  const { name, choices, value, isRequired } = props;
  return (
    <Labelled {...props}>
      <select id={`field-${keyOf(props)}`} name={name} required={isRequired} {...describedBy(props)}>
        {choices.map((choice) => (
          <option value={choice.value} selected={choice.value === value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

export interface CheckFieldProps {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly isChecked?: boolean | undefined;
}

export function CheckField({ label, name, value = "on", isChecked }: CheckFieldProps) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value={value} checked={isChecked} /> {label}
    </label>
  );
}

/** What tells its ids from those of other fields of the page. */
function keyOf({ form, name }: Pick<FieldBase, "form" | "name">): string {
  return form === undefined ? name : `${form}-${name}`;
}

function describedBy({ hint, problem, ...named }: FieldBase) {
  const key = keyOf(named);
  const ids = [hint === undefined ? [] : [`hint-${key}`], problem === undefined ? [] : [`problem-${key}`]].flat();
  if (ids.length === 0) return {};
  return { "aria-describedby": ids.join(" "), ...(problem === undefined ? {} : { "aria-invalid": "true" as const }) };
}

function Labelled({ label, hint, problem, children, ...named }: FieldBase & { readonly children: Child }) {
  const key = keyOf(named);
  return (
    <div class="field">
      <label for={`field-${key}`}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`hint-${key}`}>
          {hint}
        </p>
      )}
      {children}
      {problem === undefined ? null : (
        <p class="field-problem" id={`problem-${key}`}>
          {problem}
        </p>
      )}
    </div>
  );
}

export interface FilterFormProps {
  /** Where it leads; the fields become the query. */
  readonly path: string;
  /** "Show", unless another word is plainer. */
  readonly button?: string;
  readonly children: Child;
}

/** Asks for another view of the same page: any view is an address. */
export function FilterForm({ path, button = "Show", children }: FilterFormProps) {
  return (
    <search>
      <form class="filter" method="get" action={path}>
        {children}
        <button type="submit">{button}</button>
      </form>
    </search>
  );
}

export interface KeptParametersProps {
  readonly url: URL;
  /** Those that the form's own fields are, and those that do not outlive a new choice. */
  readonly except: readonly string[];
}

/** Hidden fields of a `FilterForm`: what else the page's address has chosen. */
export function KeptParameters({ url, except }: KeptParametersProps) {
  const kept = [...url.searchParams].filter(([name]) => !except.includes(name));
  return (
    <>
      {kept.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

export interface ActionFormProps {
  /** The page's action of this name. */
  readonly action: string;
  readonly button: string;
  readonly kind?: "main" | "quiet" | "danger";
  /** Fields that are not shown. */
  readonly fixed?: Readonly<Record<string, string>>;
  readonly children?: Child;
}

/** Changes something: posts to the page that it is on. */
export function ActionForm({ action, button, kind = "main", fixed = {}, children }: ActionFormProps) {
  return (
    <form class="action" method="post">
      <input type="hidden" name="action" value={action} />
      {Object.entries(fixed).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {children}
      <button type="submit" class={kind === "main" ? undefined : kind}>
        {button}
      </button>
    </form>
  );
}
