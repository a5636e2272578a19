import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import type { Check, Checkup } from "@yardmaster/protocol";
import { serverEnvironment } from "../find-server.ts";
import type { Io } from "../io.ts";
import { PROGRAMS } from "../programs.ts";

const WITHIN_MS = 30_000;

/**
 * What can be said while no server runs: the server's own program looks at the machine, the settings and the
 * database, in the folder and with the environment that a server would be started in.
 */
export async function checkInstallation(io: Pick<Io, "env" | "cwd">): Promise<readonly Check[]> {
  if (!existsSync(PROGRAMS.doctor.file))
    return [
      {
        check: "build",
        status: "bad",
        summary: "the server is not built yet",
        advice: "npm run build in the checkout",
      },
    ];
  const env = await serverEnvironment(io);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAMS.doctor.launcher], {
      cwd: io.cwd,
      env,
      timeout: WITHIN_MS,
    });
    return (JSON.parse(stdout) as Checkup).checks;
  } catch (error) {
    const summary = `the look at this installation broke: ${error instanceof Error ? error.message : String(error)}`;
    return [
      { check: "installation", status: "bad", summary, advice: "see the message, then look again" },
    ];
  }
}
