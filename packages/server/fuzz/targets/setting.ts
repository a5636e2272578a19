import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAppError } from "@yardmaster/protocol";
import { readSettings } from "../../src/settings/index.ts";
import { type FuzzTarget, must, wordFor } from "../target.ts";

/** `yard.yaml`, then `===`, then lines of the environment, then `===` and flags. */
export const settingTarget: FuzzTarget = {
  name: "setting",
  seeds: [
    "host: 127.0.0.1\nport: 0\npacks: [a, b]\nshutdown_grace: 30s\n===\nYARD_PORT=4400\nYARD_ROLES=api,worker\n===\n--port=0\n--data\nx",
    "database_url: postgres://a@b/c\nlog_level: debug\nworker_processes: 4\n",
    "===\nYARD_PROT=1\nYARD_WORKER_PROCESSES=1e3\n===\n--nope",
  ],
  words: [
    "\n===\n",
    "YARD_",
    "=",
    "--port",
    "--data",
    "port: ",
    "roles: ",
    "packs: ",
    "null",
    "[]",
    "{}",
    "&a [*a]",
    "!!js ",
  ],
  run(input) {
    const [yaml = "", environment = "", flags = ""] = input.toString("utf8").split("\n===\n");
    const folder = mkdtempSync(join(tmpdir(), "yard-fuzz-"));
    try {
      writeFileSync(join(folder, "yard.yaml"), yaml);
      const env = Object.fromEntries(
        environment.split("\n").map((line) => line.split("=", 2) as [string, string]),
      );
      const argv = flags.split("\n").filter((flag) => flag !== "");
      const settings = readSettings(argv, env, folder);
      must(Number.isInteger(settings.port), "a port", settings.port);
      must(settings.roles.length > 0, "no role");
      return `good ${settings.roles.join()}`;
    } catch (error) {
      if (!isAppError(error)) throw error;
      must(error.code === "invalid_setting" && error.errors.length > 0, "an error", error.message);
      return wordFor(error.errors[0]?.message ?? "");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
