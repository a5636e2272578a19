import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import { makeFolders } from "../make-folders.ts";
import { ask, type PublishedSchema } from "./ask.ts";
import { firstPack } from "./first-pack.ts";
import { writeSchemas } from "./write-schemas.ts";

export interface MadePack {
  readonly name: string;
  readonly folder: string;
  /** What is to be read and changed; the schemas in `.schemas/` are not among them. */
  readonly files: readonly string[];
}

/** Makes a pack in a folder that is not there yet, or empty; its last part is the pack's name. */
export async function makePack(folder: string): Promise<MadePack> {
  const name = basename(folder);
  const schemas = await ask("schemas");
  refuseName(name, schemas["pack"]);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    const detail = `${folder} is there already and not empty; name another folder`;
    throw new AppError("conflict", detail);
  }
  const files = firstPack(name);
  for (const [path, text] of Object.entries(files)) {
    await makeFolders(dirname(join(folder, path)));
    await writeFile(join(folder, path), text, { flag: "wx" });
  }
  // Files with a dot are no part of a pack: the schemas are for editors alone.
  await writeSchemas(join(folder, ".schemas"), schemas);
  return { name, folder, files: Object.keys(files) };
}

/** By the same words as the compiler: they stand in the schema of pack.yaml. */
function refuseName(name: string, schema: PublishedSchema | undefined): void {
  const { pattern, not } = schema?.properties["pack"] ?? {};
  const reserved = (not as { readonly enum?: readonly unknown[] } | undefined)?.enum ?? [];
  if (reserved.includes(name))
    throw new AppError("invalid_request", `The name "${name}" is Yardmaster's own`);
  if (new RegExp(String(pattern)).test(name)) return;
  const rule = "small letters, digits, - and _, beginning with a letter";
  throw new AppError("invalid_request", `"${name}" cannot be the name of a pack: ${rule}`);
}
