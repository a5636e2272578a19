import { connectDatabase, silentLog } from "../db/index.ts";
import { entryOf, startAudit } from "./audit.fixture.ts";

/**
 * A process that records entries as fast as it can, ten at a time: `run-typescript.mjs writers.fixture.ts URL NAME COUNT`.
 * It says `ready`, and begins when its stdin says something.
 */
const [url = "", name = "", count = "0"] = process.argv.slice(3);
const database = await connectDatabase(url, { log: silentLog });
const audit = startAudit(database);
// So that the first of its entries waits for no connection.
await audit.record(entryOf({ subject: name, details: { n: 0 } }));
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
let next = 1;
async function write(): Promise<void> {
  while (next <= Number(count))
    await audit.record(entryOf({ subject: name, details: { n: next++ } }));
}
await Promise.all(Array.from({ length: 10 }, write));
await audit.end();
await database.close();
process.exit(0);
