/**
 * Plain JSON examples: each block says behind "json" what it shows, and is read by the schema of that.
 *
 * | words | what the block is |
 * |---|---|
 * | `answer-of GET /v1/messages` | an answer of this operation |
 * | `entry-of GET /v1/retries` | an entry of the `data` of such an answer |
 * | `webhook event` | a post of this name, of the OpenAPI document's webhooks |
 * | `alert` | a post to `ALERT_WEBHOOK` |
 * | `waxseal.json` | the file of a deploy |
 * | `variables` | its variables alone |
 * | `email` | part of an email that a program posts to the provider of the page |
 */
import type { Schema } from "@cfworker/json-schema";
import * as v from "valibot";
import { checkAnswers } from "../../src/cli/deploy/answers.ts";
import { AlertBody } from "../alerts/alert-body.ts";
import { AnswerCheck, type OpenApiDocument } from "../http/answer-check.ts";
import { variablesFaults } from "./configuration.ts";
import type { Block, Page } from "./markdown.ts";
import { emailFaults } from "./provider-emails.ts";

/** What is wrong with a block: empty when it is of the form that it says. */
export function jsonFaults({ path }: Page, { words, text }: Block, document: OpenApiDocument): readonly string[] {
  const [form, ...named] = words;
  const example: unknown = JSON.parse(text);
  const check = new AnswerCheck(document);
  switch (form) {
    case "answer-of":
      return check.faultsOf(example, answerSchema(document, named));
    case "entry-of":
      return check.faultsOf({ data: [example] }, dataSchema(document, answerSchema(document, named)));
    case "webhook":
      return check.faultsOf(example, schemaIn(document.webhooks[named[0] ?? ""]?.post?.requestBody?.content));
    case "alert":
      return issuesOf(v.safeParse(AlertBody, example));
    case "waxseal.json":
      return issuesOfAnswers(example);
    case "variables":
      return issuesOfAnswers({ name: "waxseal", senderName: "Maison Lavande", ...Object(example) });
    case "email":
      return emailFaults(path, text);
    default:
      return [`says not what it shows: ${["json", ...words].join(" ")}`];
  }
}

function answerSchema({ paths }: OpenApiDocument, [method = "", path = ""]: readonly string[]): Schema {
  const answered = paths[path]?.[method.toLowerCase()]?.responses[200];
  if (answered === undefined || "$ref" in answered) throw new Error(`the document has no answer of ${method} ${path}`);
  return schemaIn(answered.content);
}

/** The schema of an answer's `data` alone: an object with nothing else. */
function dataSchema({ components }: OpenApiDocument, schema: Schema): Schema {
  const named = schema.$ref === undefined ? schema : components.schemas[schema.$ref.split("/").at(-1) ?? ""];
  const data = named?.properties?.data;
  if (data === undefined) throw new Error("the answer has no data");
  return { type: "object", properties: { data }, required: ["data"] };
}

function schemaIn(content: Readonly<Record<string, { readonly schema?: Schema }>> = {}): Schema {
  const schema = content["application/json"]?.schema;
  if (schema === undefined) throw new Error("the document has no schema of it");
  return schema;
}

function issuesOf({ issues }: v.SafeParseResult<typeof AlertBody>): readonly string[] {
  return (issues ?? []).map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
}

function issuesOfAnswers(example: unknown): readonly string[] {
  try {
    const { variables = {} } = checkAnswers(example);
    return variablesFaults(variables);
  } catch (error) {
    return [String(error)];
  }
}
