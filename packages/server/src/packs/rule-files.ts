import {
  createProblemList,
  type DocumentNode,
  type Problem,
  problemAsFieldError,
  type RuleDefinition,
} from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { inSlices } from "../slices.ts";
import { compileFiles, isDefinitionFile } from "./compile/compile-files.ts";
import { type PackFile, sha256 } from "./digest.ts";
import { readBlobs, readPack } from "./packs.store.ts";
import type { ActivePack, RuleFile } from "./packs.types.ts";
import { parseYaml } from "./yaml/yaml-document.ts";

interface Deps {
  readonly pool: Pool;
  readonly active: () => readonly ActivePack[];
}

/** Rules with their texts, from the packs as they are stored. */
export function createRuleFiles({ pool, active }: Deps) {
  async function stored(digest: string) {
    const row = await readPack(pool, digest);
    if (row === undefined)
      throw new AppError("not_found", `No pack with the digest ${digest} is stored.`);
    const files = row.files.filter((file) => isDefinitionFile(file.path));
    const blobs = await readBlobs(pool, [...new Set(files.map((file) => file.sha256))]);
    return { files: row.files, blobs };
  }

  return {
    async ruleFile({ ref, packDigest }: RuleDefinition): Promise<RuleFile> {
      const { files, blobs } = await stored(packDigest);
      for (const file of files) {
        const content = isRuleFile(file.path) ? blobs.get(file.sha256) : undefined;
        const name = content && nameIn(parseYaml(file.path, content, () => undefined));
        if (content === undefined || name?.value !== ref) continue;
        const pack = active().find((one) => one.definition.digest === packDigest);
        return {
          pack: ref.slice(0, ref.indexOf(".")),
          pack_digest: packDigest,
          folder: pack?.folder ?? "",
          file: file.path,
          line: name.line,
          source: content.toString("utf8"),
        };
      }
      throw new AppError("not_found", `The file of rule ${ref} is not in its pack any more.`);
    },

    async compileRule(path: string, text: string): Promise<RuleDefinition> {
      const file = `rules/${nameOf(path)}.yaml`;
      const content = Buffer.from(text);
      const parsing = createProblemList();
      const ref = nameIn(parseYaml(file, content, parsing.report))?.value;
      if (parsing.sorted().length > 0) throw broken(path, file, parsing.sorted());
      const name = ref?.slice(0, ref.indexOf(".")) ?? "";
      if (ref === undefined || name === "")
        throw new AppError(
          "invalid_request",
          `${path} names no rule: it begins with \`rule: pack.name\`.`,
        );
      const pack = active().find((one) => one.definition.name === name);
      const { files, blobs } =
        pack === undefined ? newPack(name) : await stored(pack.definition.digest);
      // The text takes the place of the rule that is loaded, whichever file that is in.
      const others = files.filter(
        (one) =>
          one.path !== file &&
          !(
            isRuleFile(one.path) &&
            nameIn(parseYaml(one.path, blobs.get(one.sha256) as Buffer, () => undefined))?.value ===
              ref
          ),
      );
      const own = { path: file, executable: false, bytes: content.length, sha256: sha256(content) };
      const read = (one: PackFile): Buffer =>
        one === own ? content : (blobs.get(one.sha256) as Buffer);
      const digest = pack?.definition.digest ?? "";
      const compiled = await inSlices(
        compileFiles(digest, [...others, own], read, { isStored: true }),
      );
      const rule = compiled.pack?.rules.find((one) => one.ref === ref);
      if (rule !== undefined) return rule;
      throw broken(path, file, compiled.problems);
    },
  };
}

/** Of a file, without its folder and its ending. */
function nameOf(path: string): string {
  return /([^/\\]*?)(\.[^./\\]*)?$/.exec(path)?.[1] || "rule";
}

function isRuleFile(path: string): boolean {
  return path.startsWith("rules/") && isDefinitionFile(path);
}

/** The name that a rule's file gives it, and its line. */
function nameIn(root: DocumentNode | undefined): { value: string; line: number } | undefined {
  const node = root?.kind === "map" ? root.entries.get("rule") : undefined;
  if (node?.value.kind !== "scalar" || typeof node.value.value !== "string") return undefined;
  return { value: node.value.value, line: node.keyPlace.line };
}

/** A pack that is not loaded: the rule can use what is built in. */
function newPack(name: string): { files: PackFile[]; blobs: Map<string, Buffer> } {
  const manifest = Buffer.from(`pack: ${JSON.stringify(name)}\nversion: 0.0.0\n`);
  const hash = sha256(manifest);
  const file = { path: "pack.yaml", executable: false, bytes: manifest.length, sha256: hash };
  return { files: [file], blobs: new Map([[hash, manifest]]) };
}

/** Problems stand under the name that the caller gave the file. */
function broken(path: string, file: string, problems: readonly Problem[]): AppError {
  const named = problems.map((problem) =>
    problem.file === file ? { ...problem, file: path } : problem,
  );
  return new AppError("invalid_request", `${path} is no rule that could be loaded.`, {
    errors: named.map(problemAsFieldError),
  });
}
