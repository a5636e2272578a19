import { writeSync } from "node:fs";
import { startServer } from "../../packages/server/src/server.ts";
import { readSettings } from "../../packages/server/src/settings/index.ts";
import { createLogger } from "../../packages/server/src/telemetry/index.ts";

// server-entry.mjs [POINT:NTH:SIGNAL] -- FLAGS: a server or worker as `yard start FLAGS` starts it, which sends
// itself the signal when it comes to the named point of the engine for the nth time. A fuse may also come later, as
// a message; so may "clock:MS", which sets its wall clock ahead.
const end = process.argv.indexOf("--");
const [fuse] = process.argv.slice(2, end);
const settings = readSettings(process.argv.slice(end + 1), process.env, process.cwd());
const log = createLogger({ level: settings.logLevel });
process.on("unhandledRejection", (error) => log.error({ err: error }, "nobody took care of this"));

// The clock of this machine may be wrong, and be set right: whatever must not depend on it is told by the database.
const realNow = Date.now;
let aheadMs = 0;
Date.now = () => realNow() + aheadMs;

let onPoint = fuse === undefined ? () => {} : lit(fuse);
process.on("message", (later) => {
  const [what, ms] = later.split(":");
  if (what === "clock") aheadMs = Number(ms);
  else onPoint = lit(later);
});
// Whoever drives the test is gone: nobody would end this process.
process.on("disconnect", () => process.exit(1));
const server = await startServer(settings, log, { onPoint: (point) => onPoint(point) });
process.stdout.write(`ready ${server.api?.url ?? ""}\n`);

let stopping = false;
process.on("SIGTERM", () => {
  if (stopping) return;
  stopping = true;
  void server.close().then(() => process.exit(0));
});

function lit(text) {
  const [wanted, nth, signal] = text.split(":");
  let left = Number(nth);
  return (point) => {
    if (point !== wanted || --left !== 0) return;
    writeSync(1, `at ${point}\n`);
    process.kill(process.pid, signal);
  };
}
