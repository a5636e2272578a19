import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FieldError, nearest, STEP_VARIABLES } from "@yardmaster/protocol";
import { parseDocument } from "yaml";
import { type Name, SETTINGS } from "./declared.ts";

/** Names that other parts of Yardmaster read from the environment (the command line, the client of a node). */
const ELSEWHERE = new Set(["YARD_URL", "YARD_TOKEN", "YARD_NODE_STATE", "YARD_NODE_TOKEN"]);

/** A server that is started by a step must not stumble over what the step was given. */
const OF_STEPS: ReadonlySet<string> = new Set(STEP_VARIABLES);

/** What the environment says; empty counts as not given. */
export function readEnvironment(
  env: { readonly [name: string]: string | undefined },
  errors: FieldError[],
) {
  const given: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === "" || OF_STEPS.has(name) || ELSEWHERE.has(name)) continue;
    if (name in SETTINGS) given[name] = value;
    else if (name.startsWith("YARD_"))
      errors.push(unknown(name, nearest(name, Object.keys(SETTINGS))));
  }
  return given;
}

/** What `yard.yaml` says; a key without a value counts as not given. */
export function readFile(cwd: string, errors: FieldError[]): { [name: string]: unknown } {
  const path = join(cwd, "yard.yaml");
  if (!existsSync(path)) return {};
  const given: { [name: string]: unknown } = {};
  let content: unknown;
  try {
    const document = parseDocument(readFileSync(path, "utf8"));
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong !== undefined) throw wrong;
    content = document.toJS();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    errors.push({ path: "yard.yaml", message });
    return {};
  }
  if (!isMap(content ?? {})) {
    const got = Array.isArray(content) ? "a list" : `the ${typeof content} ${String(content)}`;
    const message = `must be a map of settings, such as "port: 4400", not ${got}`;
    errors.push({ path: "yard.yaml", message });
    return {};
  }
  const names = new Map(Object.keys(SETTINGS).map((name) => [keyOf(name), name]));
  for (const [key, value] of Object.entries((content ?? {}) as object)) {
    const name = names.get(key);
    if (name === undefined)
      errors.push(unknown(`yard.yaml: ${key}`, nearest(keyOf(key), names.keys())));
    else if (value !== null) given[name] = value;
  }
  return given;
}

/** The name of a setting in `yard.yaml`. */
export function keyOf(name: string): string {
  return name.replace(/^YARD_/, "").toLowerCase();
}

function isMap(content: unknown): content is object {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

const FLAGS: { readonly [flag: string]: Name } = {
  "--host": "YARD_HOST",
  "--port": "YARD_PORT",
  "--data": "YARD_DATA",
  "--packs": "YARD_PACKS",
  "--roles": "YARD_ROLES",
};

/** The flag of a setting, where it has one. */
export function flagOf(name: string): string | undefined {
  return Object.keys(FLAGS).find((flag) => FLAGS[flag] === name);
}

/** What the command line says. */
export function readFlags(
  argv: readonly string[],
  errors: FieldError[],
): { [name: string]: unknown } {
  const given: { [name: string]: unknown } = {};
  for (let i = 0; i < argv.length; i++) {
    const [flag, inline] = splitFlag(argv[i] as string);
    const name = FLAGS[flag];
    if (name === undefined) {
      errors.push(unknown(flag, nearest(flag, Object.keys(FLAGS))));
      continue;
    }
    const value = inline ?? argv[++i];
    if (value === undefined) errors.push({ path: flag, message: "needs a value" });
    else given[name] = value;
  }
  return given;
}

function splitFlag(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unknown(path: string, near: string | undefined): FieldError {
  const hint = near === undefined ? {} : { hint: `did you mean ${near}?` };
  return { path, message: "there is no such setting", ...hint };
}
