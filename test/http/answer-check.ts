/** What the OpenAPI document says of answers of /v1. Objects may have no field that the document does not name. */
import { type Schema, Validator } from "@cfworker/json-schema";

/** An answer of /v1, read. */
export interface ReadAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The value of Content-Type; null without one. */
  readonly contentType: string | null;
  readonly text: string;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly webhooks: OpenApiDocument["paths"];
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, DescribedAnswer>>;
  };
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: "path" | "query";
    readonly required: boolean;
    readonly schema: Schema;
    readonly example?: unknown;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, DescribedAnswer | { readonly $ref: string }>>;
}

interface DescribedAnswer {
  readonly content: Content;
}

type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;

const ERROR: Schema = { $ref: "#/components/schemas/Error" };

export class AnswerCheck {
  readonly #paths: readonly { pattern: RegExp; operations: OpenApiDocument["paths"][string] }[];
  readonly #components: OpenApiDocument["components"];
  /** By the schema as the document has it. They end at the first fault: five times as fast for one of many forms. */
  readonly #validators = new Map<Schema, Validator>();

  constructor({ paths, components }: Pick<OpenApiDocument, "paths" | "components">) {
    const templates = Object.entries(paths).toSorted(
      ([one], [other]) => one.split("{").length - other.split("{").length,
    );
    this.#paths = templates.map(([template, operations]) => ({
      pattern: new RegExp(`^${template.replaceAll(".", "[.]").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      operations,
    }));
    this.#components = closed(components);
  }

  /** Why the document does not have this answer; undefined when it has it. */
  faultOf(answer: ReadAnswer): string | undefined {
    const { method, path, status, contentType } = answer;
    const type = contentType?.split(";")[0] ?? "";
    const name = `${method} ${path} answered ${status} (${type})`;
    const read = method === "HEAD" ? "get" : method.toLowerCase();
    const operation = this.#paths.find(({ pattern }) => pattern.test(path))?.operations[read];
    // No such path, or no such method.
    if (operation === undefined && status < 400) return `${name}: not in the document`;
    if (operation === undefined) return method === "HEAD" ? undefined : this.#faultIn(answer, ERROR);
    const answered = operation.responses[status];
    if (answered === undefined) return `${name}: a status that the document does not have`;
    if (method === "HEAD") return undefined;
    const content = this.#contentOf(answered)[type];
    if (content === undefined) return `${name}: a type that the document does not have`;
    return content.schema === undefined ? undefined : this.#faultIn(answer, content.schema);
  }

  /** Whether a value is of a schema of the document. */
  faultsOf(value: unknown, schema: Schema): readonly string[] {
    const validator = this.#validators.get(schema) ?? this.#validatorOf(schema, true);
    this.#validators.set(schema, validator);
    if (validator.validate(value).valid) return [];
    const { errors } = this.#validatorOf(schema, false).validate(value);
    return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
  }

  #contentOf(answered: DescribedAnswer | { readonly $ref: string }): Content {
    if (!("$ref" in answered)) return answered.content;
    return this.#components.responses[answered.$ref.split("/").at(-1) ?? ""]?.content ?? {};
  }

  #validatorOf(schema: Schema, endsAtFirstFault: boolean): Validator {
    const whole = Object.assign(closed(schema), { components: structuredClone(this.#components) });
    return new Validator(whole, "2020-12", endsAtFirstFault);
  }

  #faultIn({ method, path, status, contentType, text }: ReadAnswer, schema: Schema): string | undefined {
    const lines = contentType?.startsWith("application/x-ndjson") ? text.split("\n").filter(Boolean) : [text];
    const faults = lines.flatMap((line) => {
      try {
        return this.faultsOf(JSON.parse(line), schema);
      } catch {
        return ["not JSON"];
      }
    });
    if (faults.length === 0) return undefined;
    const said = [...faults, text.slice(0, 2_000)].join("\n");
    return `${method} ${path} answered ${status}, not as the document says:\n${said}`;
  }
}

/** A copy in which objects with named fields have no others. */
function closed<T>(schema: T): T {
  const copy = structuredClone(schema);
  closeObjects(copy);
  return copy;
}

function closeObjects(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const each of Object.values(value)) closeObjects(each);
  const isOpen = "properties" in value && "type" in value && !("additionalProperties" in value);
  if (isOpen) Object.assign(value, { additionalProperties: false });
}
