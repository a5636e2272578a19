import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../make-folders.ts";
import type { Answers } from "./ask.ts";

/** Writes a schema for each kind of file, `workflow.json` and so on, into a folder that is made if need be. */
export async function writeSchemas(folder: string, schemas: Answers["schemas"]): Promise<void> {
  await makeFolders(folder);
  for (const [kind, schema] of Object.entries(schemas))
    await writeFile(join(folder, `${kind}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
