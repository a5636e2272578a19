import { FINAL_EXITS } from "../link/ending.ts";
import { argvOf, type ServiceCommand } from "./command.ts";

export interface SystemdOptions extends ServiceCommand {
  /** Of a unit of the system; absent for a unit of the user who installs it. */
  readonly user?: string;
}

/** Usage errors and refusals of the server: starting again would be the same. */
const NOT_AGAIN = [2, ...Object.values(FINAL_EXITS).map(({ code }) => code)];

/** A unit for systemd: foreground, started again after every crash, never after a refusal, stopped within ten seconds. */
export function systemdUnit(options: SystemdOptions): string {
  const isSystem = options.user !== undefined;
  return `[Unit]
Description=Yardmaster node
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${argvOf(options).map(quoted).join(" ")}
${isSystem ? `User=${options.user}\n` : ""}Restart=always
RestartSec=2
RestartPreventExitStatus=${NOT_AGAIN.join(" ")}
KillMode=mixed
TimeoutStopSec=10
UMask=0077

[Install]
WantedBy=${isSystem ? "multi-user.target" : "default.target"}
`;
}

/** systemd.service(5): `%` and `$` have a meaning, quotes and backslashes are escaped as in C. */
function quoted(argument: string): string {
  const escaped = argument
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("%", "%%")
    .replaceAll("$", "$$$$");
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
