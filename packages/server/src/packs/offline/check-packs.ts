import { type DocumentNode, type Problem, problemAsFieldError } from "@yardmaster/kernel";
import type { ChecksOfPacks, PackCheck, PlacedError } from "@yardmaster/protocol";
import { atOnce } from "../../slices.ts";
import { type LoadedFolder, planActivation } from "../active/plan-activation.ts";
import { claimsOf } from "../claims.ts";
import { compileFiles, isDefinitionFile } from "../compile/compile-files.ts";
import type { PackFile } from "../digest.ts";
import { readFolder } from "../folder/read-folder.ts";
import type { FolderScan } from "../folder/scan-folder.ts";
import { scanRoots } from "../folder/scan-roots.ts";
import { parseYaml } from "../yaml/yaml-document.ts";
import { barePathWarnings } from "./bare-path-warnings.ts";
import { endlessQuestionWarnings } from "./endless-question-warnings.ts";
import { eventTypeWarnings } from "./event-type-warnings.ts";
import { scheduleWarnings } from "./schedule-warnings.ts";
import { startWarnings } from "./start-warnings.ts";
import { templateWarnings } from "./template-warnings.ts";
import { unsentWarnings } from "./unsent-warnings.ts";

interface Checked {
  readonly check: PackCheck;
  readonly loaded: LoadedFolder;
}

/**
 * Compiles the packs of these folders as a server would, without one; each root is a pack or holds packs. What they
 * want of one another's names is told as a server that starts with all of them tells it.
 */
export async function checkPacks(roots: readonly string[]): Promise<ChecksOfPacks> {
  const { packs, unreadable } = await scanRoots(roots);
  const checked = await Promise.all(packs.map(checkPack));
  const { problems } = planActivation(
    [],
    checked.map(({ loaded }) => loaded),
    [],
  );
  const told = new Map(problems.map((one) => [one.folder, one.problems]));
  const withAll = ({ check }: Checked): PackCheck => ({
    ...check,
    errors: told.get(check.folder)?.map(placedError) ?? check.errors,
  });
  return { packs: checked.map(withAll), unreadable };
}

async function checkPack(scan: FolderScan): Promise<Checked> {
  const read = await readFolder(scan);
  if (!read.ok) {
    const places = read.errors.map(({ path, message }) => ({
      file: path,
      line: 1,
      column: 1,
      message,
    }));
    const check = {
      ...NOTHING,
      folder: scan.folder,
      errors: places.map(placedError),
      warnings: [],
    };
    const loaded = { folder: scan.folder, name: undefined, good: undefined, problems: places };
    return { check, loaded };
  }
  const { digest, files, contents } = read.content;
  const contentOf = ({ sha256 }: PackFile): Buffer => contents.get(sha256) as Buffer;
  const { name, pack, problems } = atOnce(compileFiles(digest, files, contentOf));
  const onDisk = {
    folder: scan.folder,
    executables: new Map(files.map(({ path, executable }) => [path, executable])),
  };
  const roots = pack ? rootsOf(files, contentOf) : [];
  const warnings = [
    ...(pack ? startWarnings(pack, roots, onDisk, process.env) : []),
    ...templateWarnings(roots),
    ...barePathWarnings(roots),
    ...endlessQuestionWarnings(roots),
    ...eventTypeWarnings(roots),
    ...(pack ? unsentWarnings(pack, roots) : []),
    ...(pack ? scheduleWarnings(pack, roots, Date.now()) : []),
  ];
  const check = {
    folder: scan.folder,
    pack: name ?? null,
    version: pack?.version ?? null,
    actions: [...(pack?.actions.keys() ?? [])],
    workflows: [...(pack?.workflows.keys() ?? [])],
    rules: pack?.rules.map((rule) => rule.ref) ?? [],
    sources: pack?.sources.map((source) => source.name) ?? [],
    agents: pack?.agents ?? [],
    sensors: pack?.sensors.map((sensor) => sensor.ref) ?? [],
    tasks: pack?.tasks.map((task) => task.ref) ?? [],
    queues: pack?.queues.map((queue) => queue.name) ?? [],
    errors: problems.map(placedError),
    warnings: warnings.map(placedError),
  };
  const good = pack && { digest, claims: claimsOf(pack) };
  return { check, loaded: { folder: scan.folder, name, good, problems } };
}

function placedError(problem: Problem): PlacedError {
  return { ...problem, ...problemAsFieldError(problem) };
}

/** The parsed definitions. */
function rootsOf(
  files: readonly PackFile[],
  contentOf: (file: PackFile) => Buffer,
): DocumentNode[] {
  return files
    .filter(({ path }) => isDefinitionFile(path))
    .flatMap((file) => parseYaml(file.path, contentOf(file), () => {}) ?? []);
}

const NOTHING = {
  pack: null,
  version: null,
  actions: [],
  workflows: [],
  rules: [],
  sources: [],
  sensors: [],
  tasks: [],
  agents: [],
  queues: [],
} as const;
