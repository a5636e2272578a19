import {
  isJsonObject,
  isReservedEventType,
  nearest,
  OWN_EVENT_TYPES,
  SCHEDULE_EVENT_TYPES,
} from "@yardmaster/protocol";
import { type JsonSchema, type SchemaError, schemaSlips } from "../../../schema/index.ts";
import {
  type DefinitionDocument,
  type DocumentNode,
  jsonOf,
  placeAt,
  type ScalarNode,
} from "../../document.ts";
import type { Report } from "../../problem.ts";
import {
  reportCoreRequest,
  reportMcpServer,
  reportRequest,
  reportResponse,
} from "./request-slips.ts";
import { reportStart } from "./start-slips.ts";
import { reportStatusWords } from "./status-slips.ts";

/**
 * What can be carried out, but never as it was meant. It is for packs that come in: one that is stored was taken by
 * a build that knew less, and runs depend on it.
 */
export function reportSlips({ kind, root }: DefinitionDocument, report: Report): void {
  if (root !== undefined && kind !== "sensor") reportKeys(root, report);
  if (kind === "action") reportAction(root, report);
  if (kind === "action" || kind === "workflow") reportSchemas(root, report);
  if (kind === "workflow") reportStatusWords(root, report);
  if (kind === "workflow")
    for (const list of STEP_LISTS)
      for (const step of itemsOf(child(root, list))) {
        reportCall(step, report);
        reportCall(child(step, "undo"), report);
      }
  if (kind === "sensor") reportStarted(root, report, "config");
  if (kind === "rule") reportSilence(textAt(root, "on"), report);
  if (kind === "source") reportVariable(textAt(child(root, "secret"), "env"), report);
}

function reportSchemas(root: DocumentNode | undefined, report: Report): void {
  for (const key of ["input", "output", "input_schema", "output_schema"]) {
    const node = child(root, key);
    if (node === undefined) continue;
    const schema = jsonOf(node) as JsonSchema;
    const slips = key.endsWith("_schema") ? schemaSlips(schema) : fieldSlips(schema);
    for (const { path, message, hint } of slips) report(placeAt(node, path), message, hint);
  }
}

function fieldSlips(fields: JsonSchema): readonly SchemaError[] {
  if (!isJsonObject(fields)) return [];
  return Object.entries(fields).flatMap(([name, schema]) =>
    schemaSlips(schema as JsonSchema).map((slip) => ({ ...slip, path: [name, ...slip.path] })),
  );
}

const STEP_LISTS = ["steps", "on_failure", "finally"];

/** The keys of a map are no templates: what looks like one would be the name of a field, as it stands. */
function reportKeys(node: DocumentNode, report: Report): void {
  if (node.kind === "list") for (const item of node.items) reportKeys(item, report);
  if (node.kind !== "map") return;
  const hint = 'a map whose keys are worked out is one expression: "${{ {input.name: 1} }}"';
  for (const [key, { keyPlace, value }] of node.entries) {
    if (/(?<!\$)\$\{\{/.test(key)) report(keyPlace, "the key of a map takes no expressions", hint);
    reportKeys(value, report);
  }
}

function reportAction(root: DocumentNode | undefined, report: Report): void {
  for (const started of [root, child(root, "check")]) reportStarted(started, report);
  const server = child(root, "server");
  if (textAt(root, "runner")?.value === "mcp" && server?.kind === "map") {
    reportStart(server, report);
    reportMcpServer(server, report);
  }
  if (root?.kind !== "map" || textAt(root, "runner")?.value !== "http") return;
  reportRequest(root, report);
  reportResponse(child(root, "output"), report);
}

function reportStarted(
  started: DocumentNode | undefined,
  report: Report,
  given = "the input",
): void {
  reportTemplate(textAt(started, "script"), given, report);
  if (started?.kind === "map") reportStart(started, report);
}

function reportCall(call: DocumentNode | undefined, report: Report): void {
  const request = child(call, "with");
  if (request?.kind === "map" && textAt(call, "uses")?.value === "core.http")
    reportCoreRequest(request, report);
}

/** To a shell `${{` is a bad substitution; were it filled in, an input could bring commands along. */
function reportTemplate(script: Text | undefined, given: string, report: Report): void {
  const at = script?.value.indexOf("${{") ?? -1;
  if (script === undefined || at < 0) return;
  const hint = `${given} arrives as JSON on stdin; a script that writes \${{ itself goes into a file of its own, named by entry`;
  report(script.inside(at), "script takes no expressions", hint);
}

/** A shell fills in `$NAME`; here it would be the name of a variable that nobody can set. */
function reportVariable(name: Text | undefined, report: Report): void {
  const [, bare] = /^\$\{?(\w+)\}?$/.exec(name?.value ?? "") ?? [];
  if (name === undefined || bare === undefined) return;
  report(name.place, `env takes the name of a variable, without "$"`, `write env: ${bare}`);
}

/** A rule on what nothing sends would say nothing for ever. */
function reportSilence(type: Text | undefined, report: Report): void {
  if (type === undefined) return;
  const { place, value } = type;
  if (!isReservedEventType(value) || isOwn(value)) return;
  report(place, `nothing sends "${value}"`, ownHint(value));
}

const SENT = [...OWN_EVENT_TYPES, ...SCHEDULE_EVENT_TYPES];

function isOwn(type: string): boolean {
  if (!type.endsWith(".*")) return SENT.includes(type);
  return SENT.some((own) => own.startsWith(type.slice(0, -1)));
}

function ownHint(type: string): string {
  const near = nearest(type, SENT);
  if (near === undefined && /^schedule/i.test(type))
    return `a task that is due sends ${SCHEDULE_EVENT_TYPES.join(" or ")}, and says in its data which it is`;
  return near === undefined ? `Yardmaster sends ${SENT.join(", ")}` : `did you mean ${near}?`;
}

type Text = ScalarNode & { readonly value: string };

function child(node: DocumentNode | undefined, key: string): DocumentNode | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.value : undefined;
}

function itemsOf(node: DocumentNode | undefined): readonly DocumentNode[] {
  return node?.kind === "list" ? node.items : [];
}

function textAt(node: DocumentNode | undefined, key: string): Text | undefined {
  const value = child(node, key);
  return value?.kind === "scalar" && typeof value.value === "string" ? (value as Text) : undefined;
}
