import { text } from "node:stream/consumers";
import { AppError, type CarryLine, type CarryRequest, isAppError } from "@yardmaster/protocol";
import { carry, reopen } from "./carry.ts";

/**
 * What `yard db` starts: reads its request as JSON from stdin (an address holds a password, and arguments are seen by
 * everybody on the machine), and prints lines of JSON: each table as it is copied, then what came of it, or an error.
 */
const stopped = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(name, () => stopped.abort(new AppError("canceled", "Stopped: nothing was carried")));

const here = { env: process.env, cwd: process.cwd() };
const say = (line: CarryLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const request = JSON.parse(await text(process.stdin)) as CarryRequest;
  if (request.task === "reopen") say({ reopened: (await reopen(here)) ?? null });
  else {
    const onTable = (table: string, rows: number): void => say({ table, rows });
    say({ carried: await carry(request, { ...here, onTable, signal: stopped.signal }) });
  }
} catch (thrown) {
  const error = stopped.signal.aborted ? stopped.signal.reason : thrown;
  if (!(error instanceof Error)) throw error;
  say({ error: { code: isAppError(error) ? error.code : "internal", message: error.message } });
}
