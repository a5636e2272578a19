import { join } from "node:path";
import { argvOf, type ServiceCommand } from "./command.ts";

export const LAUNCHD_LABEL = "yardmaster.node";

/**
 * A property list for launchd. It knows no exit codes, only success: so the node is told to call a refusal of the
 * server a success, and is started again after everything else.
 */
export function launchdPlist(command: ServiceCommand): string {
  const argv = [...argvOf(command), "--refusal-is-success"];
  const log = join(command.statePath, "node.log");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${argv.map((argument) => `    <string>${escaped(argument)}</string>`).join("\n")}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>10</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>${escaped(log)}</string>
</dict>
</plist>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
