import { definitionSchema, SCHEMA_KINDS } from "@yardmaster/kernel";
import { checkPacks } from "./check-packs.ts";

/**
 * What `yard` asks about packs without a server, as a program of its own that reads no setting and no database:
 * `check FOLDER…` and `schemas` print one line of JSON.
 */
const [task, ...folders] = process.argv.slice(2);

switch (task) {
  case "check":
    print(await checkPacks(folders));
    break;
  case "schemas":
    print(Object.fromEntries(SCHEMA_KINDS.map((kind) => [kind, definitionSchema(kind)])));
    break;
  default:
    process.stderr.write(`there is no task "${task ?? ""}": check or schemas\n`);
    process.exitCode = 2;
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
