// The bare rate of starting processes, as the yardstick of process runs.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pssBytesOf } from "../processes.mjs";

const LOOP = fileURLToPath(new URL("spawn-loop.mjs", import.meta.url));

export async function createSpawn(house) {
  const loop = house.start(process.execPath, [LOOP], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  return {
    name: "bare spawn",
    version: process.version,
    notes: ["pipes for stdin, stdout and stderr, detached, done at exit; a process of its own"],
    measures: {
      process: async () => ({
        async leg(options) {
          loop.child.send(options);
          const [result] = await Promise.race([
            once(loop.child, "message"),
            loop.ended.then(() => Promise.reject(new Error(`spawn loop: ${loop.output()}`))),
          ]);
          return result;
        },
        close: async () => {},
      }),
    },
    pssBytes: () => pssBytesOf([loop.pid]),
    async close() {
      loop.child.disconnect();
      await loop.ended;
    },
  };
}
