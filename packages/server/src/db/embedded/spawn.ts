import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Cluster } from "./cluster.ts";
import { closeLog, openLog } from "./log-file.ts";
import { asUser, programEnvironment, runProgram } from "./programs.ts";

/**
 * Starts `postgres` and gives its pid (undefined on Windows, where `pg_ctl` sheds administrator rights first).
 * Detached it has a session of its own: Ctrl-C must not reach it before the server has finished with it.
 * The folder comes first on its command line, where `livingPostmaster` looks for it.
 */
export async function spawnPostmaster(
  cluster: Cluster,
  options: { readonly detached: boolean },
): Promise<number | undefined> {
  const { dataPath, configPath, hbaPath, user, binaries, logPath } = cluster;
  const files = [`config_file=${configPath}`, `hba_file=${hbaPath}`];
  if (process.platform === "win32") {
    const quoted = files.map((file) => `-c "${file}"`).join(" ");
    const start = ["start", "-W", "-s", "-D", dataPath, "-l", logPath, "-o", quoted];
    await runProgram(binaries.pgCtl, start, { cwd: dataPath, user });
    return undefined;
  }
  const log = openLog(logPath);
  try {
    const child = spawn(
      binaries.postgres,
      ["-D", dataPath, ...files.flatMap((file) => ["-c", file])],
      {
        cwd: dataPath,
        env: programEnvironment(),
        stdio: ["ignore", log, log],
        detached: options.detached,
        ...asUser(user),
      },
    );
    await once(child, "spawn");
    child.unref();
    return child.pid;
  } finally {
    closeLog(log);
  }
}
