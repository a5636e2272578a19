// Bare `spawn` in a loop, in a Node process that does nothing else: the limit for process actions.
// Told `{ inFlight, warmUpMs, durationMs }` by its parent, it answers with what `drive` measured.
import { spawn } from "node:child_process";
import { drive } from "../measure.mjs";
import { cpuSecondsOf } from "../processes.mjs";

/** Pipes and process group as the product's runner has them; done at `exit`. */
function once() {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/true", [], { stdio: ["pipe", "pipe", "pipe"], detached: true });
    child.stdin.end();
    child.stdout.resume();
    child.stderr.resume();
    child.once("error", reject);
    // A spawn straight from `exit` keeps Node reading SIGCHLD: no pipe is closed, no timer fires.
    child.once("exit", (code) =>
      code === 0 ? setImmediate(resolve) : reject(new Error(`exit ${code}`)),
    );
  });
}

const readCost = async () => ({ cpuSeconds: cpuSecondsOf([process.pid]) });

process.on("message", async (options) => {
  process.send(await drive({ ...options, once, readCost }));
});
process.on("disconnect", () => process.exit());
