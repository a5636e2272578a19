import { writeFile } from "node:fs/promises";
import { homedir, platform } from "node:os";
import { dirname, join, resolve } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import { makeFolders } from "../config/make-folders.ts";
import { messageOf } from "../config/owner-only.ts";
import { stateFolder } from "../config/state-folder.ts";
import { LAUNCHD_LABEL, launchdPlist } from "../service/launchd.ts";
import { systemdUnit } from "../service/systemd.ts";
import { readFlags } from "./flags.ts";
import type { Io } from "./io.ts";

const FLAGS = {
  state: { type: "string" },
  /** `systemd` or `launchd`; by default what the system has. */
  manager: { type: "string" },
  /** A service of the whole machine, run as this user. */
  user: { type: "string" },
  output: { type: "string" },
  print: { type: "boolean" },
} as const;

interface Service {
  readonly path: string;
  readonly text: string;
  /** What to type next. */
  readonly start: string;
}

/** `install`: writes the file of a service that keeps the node running, and says how to start it. */
export async function install(args: readonly string[], io: Io): Promise<number> {
  const flags = readFlags(args, FLAGS);
  const service = serviceOf(flags, io);
  if (flags.print === true) {
    io.out(service.text);
    return 0;
  }
  const path = flags.output === undefined ? service.path : resolve(flags.output);
  try {
    await makeFolders(dirname(path));
    await writeFile(path, service.text, { mode: 0o644 });
  } catch (cause) {
    const advice =
      flags.user === undefined ? "" : "; a service of the machine is installed by root";
    throw new AppError("forbidden", `${path} cannot be written: ${messageOf(cause)}${advice}`, {
      cause,
    });
  }
  io.out(`Wrote ${path}.\nStart it: ${service.start}\n`);
  return 0;
}

function serviceOf(flags: ReturnType<typeof readFlags<typeof FLAGS>>, io: Io): Service {
  const command = { program: io.program, statePath: stateFolder(flags.state, io.env).path };
  const manager = flags.manager ?? (platform() === "darwin" ? "launchd" : "systemd");
  if (manager === "launchd") return launchd(launchdPlist(command));
  if (manager !== "systemd") {
    throw new AppError("invalid_request", `--manager ${manager}: must be systemd or launchd`);
  }
  const { user } = flags;
  if (user === undefined) return userUnit(systemdUnit(command), io.env);
  if (!/^[a-z_][a-z0-9_-]*\$?$/i.test(user)) {
    throw new AppError("invalid_request", `--user ${user}: is no name of a user`);
  }
  return {
    path: "/etc/systemd/system/yard-node.service",
    text: systemdUnit({ ...command, user }),
    start: "systemctl daemon-reload && systemctl enable --now yard-node",
  };
}

function userUnit(text: string, env: NodeJS.ProcessEnv): Service {
  const base = env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
  return {
    path: join(base, "systemd/user/yard-node.service"),
    text,
    start:
      "systemctl --user daemon-reload && systemctl --user enable --now yard-node && loginctl enable-linger",
  };
}

function launchd(text: string): Service {
  const path = join(homedir(), `Library/LaunchAgents/${LAUNCHD_LABEL}.plist`);
  return { path, text, start: `launchctl bootstrap gui/$(id -u) ${path}` };
}
