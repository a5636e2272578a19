import {
  type CompiledPack,
  compilePack,
  createProblemList,
  type DefinitionDocument,
  type DefinitionKind,
  type InSteps,
  type Report,
} from "@yardmaster/kernel";
import type { PackFile } from "../digest.ts";
import { parseYaml } from "../yaml/yaml-document.ts";

const MANIFEST = "pack.yaml";

const FOLDERS: { readonly [folder: string]: DefinitionKind } = {
  actions: "action",
  workflows: "workflow",
  rules: "rule",
  sources: "source",
  queues: "queue",
  agents: "agent",
  sensors: "sensor",
  tasks: "task",
};

/** Folders of definitions that a later version knows. Taken for code they would be passed over in silence. */
const UNKNOWN_FOLDERS = ["pipelines", "schedules", "secrets"];

const DEFINITION = /^([a-z]+)\/[^/]+\.(yaml|yml)$/;
/** A YAML file in a folder of definitions, but not in that folder itself. */
const TOO_DEEP = new RegExp(`^(${Object.keys(FOLDERS).join("|")})/.+/[^/]+\\.ya?ml$`);

/** A YAML file beside pack.yaml. It may be anybody's; a definition begins with its kind, as its first key. */
const BESIDE_MANIFEST = /^[^/]+\.ya?ml$/;
const BEGINS_WITH_KIND = new RegExp(
  `^(?:[ \\t]*(?:#.*)?\\r?\\n|---.*\\r?\\n)*(${Object.values(FOLDERS).join("|")}):`,
);

/** Whether a file says what a pack defines; every other file is code, or whatever the code wants. */
export function isDefinitionFile(path: string): boolean {
  const [, folder = "", end] = DEFINITION.exec(path) ?? [];
  return path === MANIFEST || (end === "yaml" && Object.hasOwn(FOLDERS, folder));
}

export interface CompileFilesOptions {
  /** It is stored, and runs may depend on it: a build that knew less of what is never meant has taken it. Default false. */
  readonly isStored?: boolean;
}

/**
 * Parses and compiles a pack's definition files, at most a file a step. `read` gives the content of those for which
 * `isDefinitionFile` holds, and, unless the pack is stored, of all others.
 */
export function* compileFiles(
  digest: string,
  files: readonly PackFile[],
  read: (file: PackFile) => Buffer,
  { isStored = false }: CompileFilesOptions = {},
): InSteps<CompiledPack> {
  const problems = createProblemList();
  const { report } = problems;
  const definitions: DefinitionDocument[] = [];
  let manifest: DefinitionDocument["root"];
  for (const file of files) {
    if (!isStored) reportMisplaced(file.path, report);
    if (!isStored && file.path !== MANIFEST && BESIDE_MANIFEST.test(file.path))
      reportBesideManifest(file.path, read(file), report);
    if (!isDefinitionFile(file.path)) continue;
    const content = read(file);
    const root = parseYaml(file.path, content, report);
    if (file.path === MANIFEST) manifest = root;
    else definitions.push(documentOf(file.path, root, content));
    yield;
  }
  const paths = new Set(files.map((file) => file.path));
  return yield* compilePack({ digest, manifest, definitions, isStored, files: paths }, problems);
}

function documentOf(
  path: string,
  root: DefinitionDocument["root"],
  content: Buffer,
): DefinitionDocument {
  const kind = FOLDERS[path.split("/")[0] ?? ""] as DefinitionKind;
  if (root !== undefined) return { kind, root };
  const name = new RegExp(`^${kind}:\\s*["']?([\\w.-]+)`, "m").exec(content.toString("utf8"))?.[1];
  return { kind, ...(name === undefined ? {} : { likelyName: name }) };
}

function reportMisplaced(path: string, report: Report): void {
  const match = DEFINITION.exec(path);
  const folder = match?.[1] ?? "";
  const place = { file: path, line: 1, column: 1 };
  const tooDeep = TOO_DEEP.exec(path)?.[1];
  const meant = Object.keys(FOLDERS).find((known) => FOLDERS[known] === folder);
  if (tooDeep !== undefined)
    report(
      place,
      `definitions are looked for in ${tooDeep}/ itself, not in folders in it`,
      `move it to ${tooDeep}/ if it is one, or out of ${tooDeep}/`,
    );
  else if (meant !== undefined)
    report(place, `definitions in ${folder}/ are not known`, `did you mean ${meant}/?`);
  else if (UNKNOWN_FOLDERS.includes(folder))
    report(place, `definitions in ${folder}/ are not known`, `known are ${folders()}`);
  else if (Object.hasOwn(FOLDERS, folder) && match?.[2] === "yml")
    report(place, "definition files end in .yaml", "rename it");
}

function reportBesideManifest(path: string, content: Buffer, report: Report): void {
  const kind = BEGINS_WITH_KIND.exec(content.toString("utf8"))?.[1];
  const folder = Object.keys(FOLDERS).find((known) => FOLDERS[known] === kind);
  if (folder === undefined) return;
  const article = kind === "action" || kind === "agent" ? "an" : "a";
  const message = `this looks like ${article} ${kind}; beside pack.yaml it defines nothing`;
  report({ file: path, line: 1, column: 1 }, message, `move it to ${folder}/`);
}

function folders(): string {
  return Object.keys(FOLDERS)
    .map((folder) => `${folder}/`)
    .join(", ");
}
