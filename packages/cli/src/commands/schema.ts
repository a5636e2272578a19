import { resolve } from "node:path";
import { AppError, nearest } from "@yardmaster/protocol/core";
import { act, type Define } from "../command.ts";
import { ask } from "../offline/ask.ts";
import { writeSchemas } from "../offline/write-schemas.ts";

export const define: Define = (command, host) => {
  command
    .argument("[kind]", "pack, action, workflow, rule, source or queue")
    .option("--write <folder>", "write all of them into a folder, as workflow.json and so on")
    .addHelpText(
      "after",
      "\nEditors take one by a first line in the file: # yaml-language-server: $schema=PATH",
    );
  act<{ readonly write?: string }>(command, host, async ({ args, options, out, io }) => {
    const schemas = await ask("schemas");
    const [kind] = args;
    if (options.write !== undefined) {
      const folder = resolve(io.cwd, options.write);
      await writeSchemas(folder, schemas);
      const files = Object.keys(schemas).map((name) => `${name}.json`);
      out.value({ folder, files }, () => out.lines(`Wrote ${files.join(", ")} into ${folder}.`));
    } else if (kind === undefined) {
      for (const name of Object.keys(schemas)) out.value(name, () => out.lines(name));
    } else {
      const schema = schemas[kind];
      if (schema === undefined) throw unknownKind(kind, Object.keys(schemas));
      out.value(schema, () => out.lines(JSON.stringify(schema, null, 2)));
    }
  });
};

function unknownKind(kind: string, known: readonly string[]): AppError {
  const near = nearest(kind, known);
  const hint = near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
  return new AppError("invalid_request", `There is no kind of file "${kind}": ${hint}`);
}
