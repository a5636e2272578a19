import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkJsonSchema, definitionSchema, SCHEMA_KINDS } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { problemsOf } from "../compile/compile.fixture.ts";
import { schemaErrors } from "./published-schema.fixture.ts";

const CHECKOUT = fileURLToPath(new URL("../../../../../", import.meta.url));

/** Folders of the checkout that are packs. */
function packFolders(): string[] {
  return ["packs", "demo", "e2e", "bench"].flatMap((top) =>
    readdirSync(join(CHECKOUT, top), { recursive: true, encoding: "utf8" })
      .filter((path) => /(^|[\\/])pack\.yaml$/.test(path) && !path.includes("node_modules"))
      .map((path) => join(CHECKOUT, top, dirname(path))),
  );
}

test.each(SCHEMA_KINDS)(
  "the schema of a %s is JSON Schema 2020-12 without references to outside",
  (kind) => {
    const schema = definitionSchema(kind);
    expect(checkJsonSchema(schema)).toEqual([]);
    expect(JSON.stringify(schema)).not.toMatch(/"\$ref":"(?!#\/\$defs\/)/);
  },
);

test.each(SCHEMA_KINDS)("every key of a %s is explained to who writes it", (kind) => {
  const { properties } = definitionSchema(kind);
  for (const [name, schema] of Object.entries(properties as object)) {
    expect([name, schema.description]).toEqual([
      name,
      expect.stringMatching(/^[A-Z1].*\.$|…\.?$|\.\*$/),
    ]);
  }
});

test("the schema takes every pack of this checkout", () => {
  const folders = packFolders();
  expect(folders.length).toBeGreaterThan(1);
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => path.endsWith(".yaml"));
    const errors = files.flatMap((path) =>
      schemaErrors(path, readFileSync(join(folder, path), "utf8")),
    );
    expect([folder, errors]).toEqual([folder, []]);
  }
});

/** A file that says `more` beside what its kind needs. */
const action = (more: string) => `action: p.a\nrunner: process\n${more}\n`;
const http = (more: string) => `action: p.a\nrunner: http\n${more}\n`;
const agent = (more: string) => `action: p.a\nrunner: agent\n${more}\n`;
const workflow = (more: string) => `workflow: p.w\n${more}\n`;
const step = (more: string) => workflow(`steps:\n  - { id: a, uses: core.noop, ${more} }`);
const rule = (more: string) => `rule: p.r\non: a.b\nrun: core.noop\n${more}\n`;

const BROKEN: readonly (readonly [path: string, text: string])[] = [
  ["pack.yaml", "pack: core\nversion: 1.0.0\n"],
  ["pack.yaml", "pack: p\nversion: one\n"],
  ["pack.yaml", "pack: p\n"],
  ["pack.yaml", "pack: p\nversion: 1.0.0\ndescripton: x\n"],
  ["pack.yaml", "[p]\n"],
  ["actions/a.yaml", action("")],
  ["actions/a.yaml", action("script: x\nentry: y.mjs")],
  ["actions/a.yaml", action("command: echo hello")],
  ["actions/a.yaml", action("command: []")],
  ["actions/a.yaml", action('command: ["${{ input.x }}"]')],
  ["actions/a.yaml", action("script: x\nurl: https://example.test")],
  ["actions/a.yaml", action("script: x\ntimeout: 5 minutes")],
  ["actions/a.yaml", action("script: x\ntimeout: 30")],
  ["actions/a.yaml", action("script: x\nretry: { delay: 1s }")],
  ["actions/a.yaml", action("script: x\nretry: { attempts: 0 }")],
  ["actions/a.yaml", action("script: x\nretry: { attempts: 2, jitter: 2 }")],
  ["actions/a.yaml", action("script: x\ninput: { name: strng! }")],
  ["actions/a.yaml", action("script: x\ninput: [name]")],
  ["actions/a.yaml", action("script: x\ninput: { a: string }\ninput_schema: true")],
  ["actions/a.yaml", action("script: x\nstdout: xml")],
  ["actions/a.yaml", action("script: x\ncwd: home")],
  ["actions/a.yaml", action("script: x\nenv: { N: 1 }")],
  ["actions/a.yaml", action("script: x\nshell: 'bash -c \"x\"'")],
  ["actions/a.yaml", action("command: [x]\nshell: bash")],
  ["actions/a.yaml", action("script: x\non_lost: check")],
  ["actions/a.yaml", action("script: x\non_lost: never")],
  ["actions/a.yaml", action("script: x\ncheck: { script: y }")],
  ["actions/a.yaml", action("script: x\npriority: 10")],
  ["actions/a.yaml", "action: p.a\nrunner: proces\nscript: x\n"],
  ["actions/a.yaml", "action: a\nrunner: process\nscript: x\n"],
  ["actions/a.yaml", http("")],
  ["actions/a.yaml", http("url: example.test")],
  ["actions/a.yaml", http("url: https://example.test\nscript: x")],
  ["actions/a.yaml", http("url: https://example.test\nmethod: FETCH")],
  ["actions/a.yaml", http("url: https://example.test\nredirects: 9")],
  ["actions/a.yaml", http("url: https://example.test\nmethod: POST\njson: 1\nform: {}")],
  ["actions/a.yaml", agent("prompt: x")],
  ["actions/a.yaml", agent("agent: claude")],
  ["actions/a.yaml", agent("agent: Claude\nprompt: x")],
  ["actions/a.yaml", agent("agent: claude\nprompt: x\ncommand: [claude]")],
  ["actions/a.yaml", agent("agent: claude\nprompt: x\nfolder: here")],
  ["actions/a.yaml", agent("agent: { kind: codex, limits: { turns: 3 } }\nprompt: x")],
  ["agents/a.yaml", "agent: p.a\n"],
  ["agents/a.yaml", "agent: p.a\nkind: gemini\n"],
  ["agents/a.yaml", "agent: p.a\nkind: claude\npermissions: full\n"],
  ["agents/a.yaml", "agent: p.a\nkind: claude\nlimits: { turns: 0 }\n"],
  ["agents/a.yaml", "agent: p.a\nkind: codex\nlimits: { cost_usd: 1 }\n"],
  ["agents/a.yaml", "agent: p.a\nkind: codex\ncommand: codex\n"],
  ["agents/a.yaml", "agent: p.a\nkind: acp\n"],
  ["agents/a.yaml", "agent: p.a\nkind: acp\ncommand: [gemini]\nlimits: { turns: 3 }\n"],
  ["agents/a.yaml", "agent: p.a\nkind: acp\ncommand: [gemini]\nmodel: pro\n"],
  ["agents/a.yaml", "agent: p.a\nkind: acp\ncommand: [gemini]\nkey: { env: K }\n"],
  ["agents/a.yaml", "agent: p.a\nkind: acp\ncommand: [gemini]\nkey_variable: K\n"],
  [
    "agents/a.yaml",
    "agent: p.a\nkind: acp\ncommand: [g]\nkey: { env: K }\nkey_variable: YARD_RUN\n",
  ],
  ["agents/a.yaml", "agent: p.a\nkind: claude\nkey: { env: K }\nkey_variable: K\n"],
  ["actions/a.yaml", agent("agent: acp\nprompt: x")],
  ["actions/a.yaml", agent("agent: { kind: acp }\nprompt: x")],
  ["workflows/w.yaml", workflow("")],
  ["workflows/w.yaml", workflow("steps: []")],
  ["workflows/w.yaml", workflow("steps: { id: a, uses: core.noop }")],
  ["workflows/w.yaml", workflow("steps: [{ uses: core.noop }]")],
  ["workflows/w.yaml", workflow("steps: [{ id: a-b, uses: core.noop }]")],
  ["workflows/w.yaml", workflow("steps: [{ id: a }]")],
  ["workflows/w.yaml", step("concurency: 4")],
  ["workflows/w.yaml", step("concurrency: 4")],
  ["workflows/w.yaml", step("if: ''")],
  ["workflows/w.yaml", step("with: [a]")],
  ["workflows/w.yaml", step("for_each: '[1]', repeat: { until: true }")],
  ["workflows/w.yaml", step("repeat: { max: 3 }")],
  ["workflows/w.yaml", step("save_as: my-name")],
  ["workflows/w.yaml", step("needs: 3")],
  ["workflows/w.yaml", step("queue: { key: a }")],
  ["workflows/w.yaml", step("undo: { id: b, uses: core.noop }")],
  ["workflows/w.yaml", workflow("steps: [{ id: a, uses: core.sleep }]")],
  ["workflows/w.yaml", workflow("steps: [{ id: a, uses: core.sleep, with: { duration: soon } }]")],
  ["workflows/w.yaml", workflow("steps: [{ id: a, uses: core.http, with: { ulr: x } }]")],
  ["workflows/w.yaml", `${step("")}finally: [{ uses: core.noop, undo: { uses: core.noop } }]\n`],
  ["workflows/w.yaml", `${step("")}on_failure: [{ uses: core.noop, on_error: a }]\n`],
  ["workflows/w.yaml", `${step("")}vars: { a-b: 1 }\n`],
  ["workflows/w.yaml", `${step("")}timeout: never\n`],
  ["rules/r.yaml", rule("enabled: maybe")],
  ["rules/r.yaml", rule("with: 3")],
  ["rules/r.yaml", rule("when: true")],
  ["rules/r.yaml", "rule: p.r\non: a b\nrun: core.noop\n"],
  ["rules/r.yaml", "rule: p.r\nrun: core.noop\n"],
  ["sources/s.yaml", "source: s\nkind: gitea\nsecret: hunter2\n"],
  ["sources/s.yaml", "source: s\nkind: gitae\nsecret: { env: A }\n"],
  ["sources/s.yaml", "source: s\nkind: gitea\nsecret: { env: A, file: b }\n"],
  ["sources/s.yaml", "source: s\nkind: gitea\n"],
  ["queues/q.yaml", "queue: q\nconcurrency: 0\n"],
  ["queues/q.yaml", "queue: q\nfifo: true\nkey_concurrency: 2\n"],
  ["queues/q.yaml", "queue: Q\n"],
];

test.each(BROKEN)(
  "what is wrong in %s is refused by the schema and the compiler: %j",
  (path, text) => {
    expect(problemsOf({ [path]: text })).not.toEqual([]);
    expect(schemaErrors(path, text)).not.toEqual([]);
  },
);
