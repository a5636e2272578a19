import { expect, test } from "vitest";
import { launchdPlist } from "./launchd.ts";
import { systemdUnit } from "./systemd.ts";

const PROGRAM = {
  program: ["/usr/bin/node", "/opt/yard/yard-node.mjs"],
  statePath: "/home/me/.config/yard-node",
};

/** Sections and keys of a unit file, as systemd reads them. */
function unitOf(text: string): Record<string, Record<string, string>> {
  const unit: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (name !== undefined) {
      section = {};
      unit[name] = section;
    } else if (line !== "") {
      const at = line.indexOf("=");
      section[line.slice(0, at)] = line.slice(at + 1);
    }
  }
  return unit;
}

/** Words of ExecStart, unquoted and unescaped as in systemd.service(5). */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? "").replaceAll(/\\(.)/g, "$1").replaceAll("%%", "%").replaceAll("$$", "$"),
  );
}

test("the unit runs the node in the foreground, and starts it again after a crash", () => {
  const unit = unitOf(systemdUnit(PROGRAM));
  expect(wordsOf(unit["Service"]?.["ExecStart"] ?? "")).toEqual([
    "/usr/bin/node",
    "/opt/yard/yard-node.mjs",
    "run",
    "--state",
    "/home/me/.config/yard-node",
  ]);
  expect(unit["Service"]).toMatchObject({ Type: "exec", Restart: "always", TimeoutStopSec: "10" });
  expect(unit["Unit"]).toMatchObject({ StartLimitIntervalSec: "0" });
  expect(unit["Install"]).toEqual({ WantedBy: "default.target" });
  expect(unit["Service"]).not.toHaveProperty("User");
});

test("a refusal of the server is not tried again", () => {
  const unit = unitOf(systemdUnit(PROGRAM));
  expect(unit["Service"]?.["RestartPreventExitStatus"]).toBe("2 4 5 10 11");
});

test("a unit of the system runs as its user", () => {
  const unit = unitOf(systemdUnit({ ...PROGRAM, user: "yard" }));
  expect(unit["Service"]).toMatchObject({ User: "yard" });
  expect(unit["Install"]).toEqual({ WantedBy: "multi-user.target" });
});

test.each([["/a b/%h/$HOME"], ['/quote"and\\backslash'], ["/plain/path-1_2.3"]])(
  "the folder %s comes through systemd's quoting",
  (statePath) => {
    const unit = unitOf(systemdUnit({ ...PROGRAM, statePath }));
    expect(wordsOf(unit["Service"]?.["ExecStart"] ?? "").at(-1)).toBe(statePath);
  },
);

test("the property list runs the node in the foreground, and again unless it ended well", () => {
  const plist = launchdPlist({ ...PROGRAM, statePath: "/Users/me/a & <b>" });
  const strings = [...plist.matchAll(/<string>(.*?)<\/string>/g)].map(([, text]) => text);
  expect(strings).toEqual([
    "yardmaster.node",
    ...PROGRAM.program,
    "run",
    "--state",
    "/Users/me/a &amp; &lt;b&gt;",
    "--refusal-is-success",
    "/Users/me/a &amp; &lt;b&gt;/node.log",
  ]);
  expect(plist).toMatch(/<key>SuccessfulExit<\/key>\s*<false\/>/);
});
