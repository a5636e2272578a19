import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STEP_VARIABLES } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

function readYaml(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "yard-settings-"));
  writeFileSync(join(folder, "yard.yaml"), text);
  return readSettings([], {}, folder);
}

test("a server that is started within a step passes by what the step was given", () => {
  const given = Object.fromEntries(STEP_VARIABLES.map((name) => [name, "x"]));
  expect(readSettings([], { ...given, YARD_PORT: "1" }, "/nowhere").port).toBe(1);
  expect(() => readSettings([], { YARD_WORKS: "x" }, "/nowhere")).toThrow(/no such setting/);
});

test.each([
  ["packs: 3", "YARD_PACKS: must be a list of folders"],
  ["keep_runs: 5", "YARD_KEEP_RUNS: must be a duration with its unit, such as 30s, 1m30s or 7d"],
  ["shutdown_grace: 5", "YARD_SHUTDOWN_GRACE: must be a duration with its unit"],
  ["roles: 1", "YARD_ROLES: must be a list of texts, or a text with commas"],
  ["insecure: maybe", "YARD_INSECURE: must be true or false"],
  ["max_body: 5", "YARD_MAX_BODY: must be a size with its unit, such as 512KiB or 25MiB"],
  ["max_body: 5MB", 'YARD_MAX_BODY: "5MB" is no size; write it like 512KiB or 25MiB'],
  ["max_body: 65MiB", "YARD_MAX_BODY: must be from 64KiB to 64MiB"],
  ["max_webhook_body: 63KiB", "YARD_MAX_WEBHOOK_BODY: must be from 64KiB to 64MiB"],
  ["max_inline: 9MiB", "YARD_MAX_INLINE: must be from 16KiB to 8MiB"],
  ["max_log: 1025MiB", "YARD_MAX_LOG: must be from 16KiB to 1GiB"],
  ["max_log: 512KiB", "YARD_MAX_LOG: must be at least YARD_MAX_INLINE (1MiB)"],
  ["- port: 1", 'yard.yaml: must be a map of settings, such as "port: 4400", not a list'],
  ["port", 'yard.yaml: must be a map of settings, such as "port: 4400", not the string port'],
])("yard.yaml with %s is told what is expected", (text, message) => {
  expect(() => readYaml(text)).toThrow(message);
});
