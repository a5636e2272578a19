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
  ["port: abc", "yard.yaml: port: must be a whole number from 0 to 65535, not abc"],
  ["packs: 3", "yard.yaml: packs: must be a list of folders"],
  [
    "keep_runs: 5",
    "yard.yaml: keep_runs: must be a duration with its unit, such as 30s, 1m30s or 7d",
  ],
  ["shutdown_grace: 25d", "yard.yaml: shutdown_grace: must be at most 24d, not 25d"],
  ["drain: 25d", "yard.yaml: drain: must be at most 24d, not 25d"],
  ["shutdown_grace: 5", "yard.yaml: shutdown_grace: must be a duration with its unit"],
  ["roles: 1", "yard.yaml: roles: must be a list of texts, or a text with commas"],
  ["insecure: maybe", "yard.yaml: insecure: must be true or false"],
  ["max_body: 5", "yard.yaml: max_body: must be a size with its unit, such as 512KiB or 25MiB"],
  ["max_body: 5MB", 'yard.yaml: max_body: "5MB" is no size; write it like 512KiB or 25MiB'],
  ["max_body: 65MiB", "yard.yaml: max_body: must be from 64KiB to 64MiB"],
  ["max_webhook_body: 63KiB", "yard.yaml: max_webhook_body: must be from 64KiB to 64MiB"],
  ["max_inline: 9MiB", "yard.yaml: max_inline: must be from 16KiB to 8MiB"],
  ["max_log: 1025MiB", "yard.yaml: max_log: must be from 16KiB to 1GiB"],
  ["max_log: 512KiB", "YARD_MAX_LOG: must be at least YARD_MAX_INLINE (1MiB)"],
  ["- port: 1", 'yard.yaml: must be a map of settings, such as "port: 4400", not a list'],
  ["port: true", "yard.yaml: port: must be a whole number from 0 to 65535, not true"],
  ["port: [4400]", "yard.yaml: port: must be a whole number from 0 to 65535, not [4400]"],
  ["port: 0x1130x", "yard.yaml: port: must be a whole number from 0 to 65535, not 0x1130x"],
  ["host: 5", "yard.yaml: host: must be a text, in quotes, not 5"],
  ["data: ''", "yard.yaml: data: is empty"],
  ["otel_sdk_disabled: 3", "yard.yaml: otel_sdk_disabled: must be true or false, not 3"],
  ["YARD_PORT: 1", "yard.yaml: YARD_PORT: there is no such setting; did you mean port?"],
  ["port", 'yard.yaml: must be a map of settings, such as "port: 4400", not the string port'],
])("yard.yaml with %s is told what is expected", (text, message) => {
  expect(() => readYaml(text)).toThrow(message);
});

test("a key of yard.yaml without a value is a setting that is not given", () => {
  expect(readYaml("port:\nkeep_runs: ~").port).toBe(4400);
});

test("a port is read from digits with spaces around them", () => {
  expect(readSettings([], { YARD_PORT: " 4401 " }, "/nowhere").port).toBe(4401);
});

test.each([
  [["--port", "abc"], {}, "--port: must be a whole number from 0 to 65535, not abc"],
  [["--port", "70000"], {}, "--port: must be a whole number from 0 to 65535, not 70000"],
  [[], { YARD_PORT: "1.5" }, "YARD_PORT: must be a whole number from 0 to 65535, not 1.5"],
  [
    ["--roles", "api,wroker"],
    {},
    '--roles: "wroker" is none of api, worker, scheduler; did you mean worker?',
  ],
  [[], { YARD_LOG_LEVEL: "loud" }, 'YARD_LOG_LEVEL: "loud" is none of debug, info, warn, error'],
  [[], { YARD_LOOP_DEPTH: "0" }, "YARD_LOOP_DEPTH: must be a whole number from 1 to 1000, not 0"],
  [
    [],
    { DATABASE_URL: "foo" },
    "DATABASE_URL: is no address of a database; write it like postgres://user:password@host:5432/name",
  ],
  [[], { YARD_ADMIN_TOKEN: "short" }, "YARD_ADMIN_TOKEN: needs 16 to 512 characters, and has 5"],
  [
    [],
    { YARD_ADMIN_TOKEN: "has a space in it, surely" },
    "YARD_ADMIN_TOKEN: may hold only visible ASCII characters without spaces",
  ],
  [[], { YARD_MASTER_KEY: "abcd" }, "YARD_MASTER_KEY: is not a key: give 32 random bytes"],
])("%j with %j is told where it stands and what is expected", (argv, env, message) => {
  expect(() => readSettings(argv, env, "/nowhere")).toThrow(message);
});

test("a wrong DATABASE_URL is never repeated: it has the password", () => {
  const read = () =>
    readSettings([], { DATABASE_URL: "postgres://me:hun#ter2@db/yard" }, "/nowhere");
  expect(read).toThrow(
    /^settings are not valid:\n {2}DATABASE_URL: has a # in it; write that as %23$/,
  );
  expect(read).not.toThrow(/hun|ter2/);
});

test.each([
  "postgres://me@db/yard",
  "postgres://me@/yard?host=/run/pg",
  "postgresql:///yard?host=/run/pg",
])("%s is an address of a database", (url) => {
  expect(readSettings([], { DATABASE_URL: url }, "/nowhere").databaseUrl).toBe(url);
});
