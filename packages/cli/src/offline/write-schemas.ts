import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Answers } from "./ask.ts";

/** Writes a schema for each kind of file, `workflow.json` and so on, into a folder that is made if need be. */
export async function writeSchemas(folder: string, schemas: Answers["schemas"]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [kind, schema] of Object.entries(schemas))
    await writeFile(join(folder, `${kind}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
