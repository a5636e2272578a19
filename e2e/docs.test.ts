import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandsOf, filesOf, fits } from "../scripts/docs/code-blocks.mjs";
import { packLibrary } from "../scripts/sdk/pack.mjs";
import { type Library, readLibrary } from "../scripts/sdk/program.mjs";
import { libraryPage } from "../scripts/sdk/reference.mjs";

const CHECKOUT = resolve(import.meta.dirname, "..");
const YARD = join(CHECKOUT, "packages/cli/bin/yard.js");
const AGENT = join(CHECKOUT, "packages/server/src/runners/agent/agent.fixture.mjs");
const DOCS = join(CHECKOUT, "docs");
const TSC = join(CHECKOUT, "node_modules/typescript-native/bin/tsc");
/** Where the pages say that the server is. */
const WRITTEN_URL = "http://127.0.0.1:4400";

const PAGES = [
  "first-pack.md",
  ...readdirSync(join(DOCS, "how-to")).map((name) => `how-to/${name}`),
]
  .sort()
  .map((path) => ({ path, markdown: readFileSync(join(DOCS, path), "utf8") }))
  .filter(({ markdown }) => commandsOf(markdown).length > 0);

let folder: string;
let server: ChildProcess;
let url: string;
let library: Library;
/** The client library, as the pages install it. */
let packed: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "yard-docs-"));
  for (const { markdown } of PAGES)
    for (const [path, text] of Object.entries(filesOf(markdown))) write(path, text);
  // No model answers a test: what is played is what the real agent has printed.
  write("bin/claude", `#!/bin/sh\nAGENT_PLAYS=claude-answers exec node "${AGENT}" "$@"\n`, 0o755);
  write("bin/yard", `#!/bin/sh\nexec "${process.execPath}" "${YARD}" "$@"\n`, 0o755);
  // Without one npm installs where the next folder above has it.
  write("package.json", "{}\n");
  server = spawn(process.execPath, [YARD, "start", "--port", "0", "--packs", "packs"], {
    cwd: folder,
    env: { ...environment(), FORGE_SECRET: "correct-horse-battery-staple" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const listens = new Promise<string>((done, fail) => {
    let said = "";
    for (const stream of [server.stdout, server.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const found = /listens on (http:\S+)/.exec(said)?.[1];
        if (found !== undefined) done(found);
      });
    server.once("exit", () => fail(new Error(`the server ended: ${said}`)));
  });
  library = readLibrary(CHECKOUT);
  packed = await packLibrary(folder, library);
  url = await listens;
});

afterAll(async () => {
  // A page that failed half-way leaves the node that it started.
  for (const state of readdirSync(folder).map((name) => join(folder, name)))
    if (existsSync(join(state, "node.json")))
      spawnSync(process.execPath, [YARD, "node", "stop", "--state", state]);
  const { stdout } = spawnSync(process.execPath, [YARD, "status", "--json"], {
    cwd: folder,
    env: environment(),
    encoding: "utf8",
  });
  const { database } = JSON.parse(stdout) as { database: { place: string } };
  const ended = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  await ended;
  // As root the cluster lies outside the data folder.
  for (const path of [database.place, folder]) rmSync(path, { recursive: true, force: true });
});

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { mode });
}

function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("YARD_") && name !== "DATABASE_URL",
  );
  const PATH = `${join(folder, "bin")}:${process.env["PATH"]}`;
  const npm = { npm_config_offline: "true", npm_config_ignore_scripts: "true" };
  return { ...Object.fromEntries(own), ...npm, PATH, NO_COLOR: "1" };
}

const lacks = ["curl", "openssl"].filter((tool) => spawnSync(tool, ["--version"]).error);
if (lacks.length > 0) console.log(`skipped: docs/how-to/webhooks.md, for there is no ${lacks}`);

/** A page has up to twenty commands, each a process that starts; beside other tests on a busy machine one takes 4 s. */
const PAGE_MS = 150_000;

/** The commands of a page in one shell, so that a variable of one is there for the next. */
function runAll(texts: readonly string[]): string[] {
  const mark = "---- the end of a block ----";
  const script = texts.map((text) => `${text.replaceAll(WRITTEN_URL, url)}\necho '${mark}'`);
  const { stdout, stderr, status } = spawnSync("/bin/sh", ["-eu", "-c", script.join("\n")], {
    cwd: folder,
    env: environment(),
    encoding: "utf8",
    timeout: PAGE_MS,
  });
  const printed = stdout.split(`${mark}\n`);
  if (status !== 0)
    throw new Error(`block ${printed.length} ended with ${status}:\n${printed.at(-1)}${stderr}`);
  return printed;
}

/** With YARD_DOCS_WRITE=1: puts what was printed where a page shows something else, or no `…` among other text. */
function writeOutputs(path: string, markdown: string, printed: readonly string[]): void {
  let text = markdown;
  commandsOf(markdown).forEach(({ output, text: command }, index) => {
    const real = printed[index] ?? "";
    const isOpen = output?.includes("…") === true && output.trim() !== "…";
    if (output === undefined || (isOpen && fits(output, real))) return;
    const block = `\`\`\`sh run\n${command}\`\`\`\n\n\`\`\`output\n`;
    const shown = `${real.replaceAll(folder, "/home/me/first").replaceAll(url, WRITTEN_URL).trimEnd()}\n`;
    text = text.replace(`${block}${output}`, () => `${block}${shown}`);
  });
  writeFileSync(join(DOCS, path), text);
}

test("the server shows the docs, the API's page and the schemas to anybody", async () => {
  const home = await fetch(`${url}/docs`);
  expect([home.status, home.url]).toEqual([200, `${url}/docs/`]);
  const html = await home.text();
  for (const [, link = ""] of html.matchAll(/(?:href|src)="([^"#:]+)"/g))
    expect([link, (await fetch(new URL(link, `${url}/docs/`))).status]).toEqual([link, 200]);
  const schema = (await (await fetch(`${url}/schemas/workflow.json`)).json()) as { title: string };
  expect(schema.title).toBe("A workflow of Yardmaster");
});

describe("what the pages show is what happens", () => {
  for (const { path, markdown } of PAGES) {
    const needsTools = markdown.includes("openssl");
    test.skipIf(needsTools && lacks.length > 0)(
      `docs/${path}`,
      () => {
        const commands = commandsOf(markdown);
        const printed = runAll(commands.map((command) => command.text));
        if (process.env["YARD_DOCS_WRITE"] === "1") writeOutputs(path, markdown, printed);
        else
          commands.forEach(({ output, line }, index) => {
            if (output === undefined || fits(output, printed[index] ?? "")) return;
            const place = `docs/${path}:${line}`;
            expect(`${place}\n${printed[index]}`).toBe(`${place}\n${output}`);
          });
      },
      PAGE_MS + 30_000,
    );
  }
});

test("the reference of the client library says what the code says (node scripts/reference.mjs writes it anew)", async () => {
  const page = join(DOCS, "reference/client-library.md");
  await expect(libraryPage(library)).toMatchFileSnapshot(page);
});

/** Strict, and the types of the library are looked at too. */
const OPTIONS = { strict: true, skipLibCheck: false, noEmit: true, allowJs: true, checkJs: true };
const NODE = {
  typeRoots: [join(CHECKOUT, "node_modules/@types")],
  types: ["node"],
  lib: ["es2023"],
};

test("what the page of the client library shows fits the types of the package, whoever resolves it and with whichever globals", () => {
  const program = join(folder, "typed");
  mkdirSync(program);
  write("typed/package.json", "{}\n");
  const run = (command: string, args: string[]) =>
    spawnSync(command, args, { cwd: program, env: environment(), encoding: "utf8" });
  expect(run("npm", ["install", packed])).toMatchObject({ status: 0 });
  expect(readdirSync(join(program, "node_modules/@yardmaster"))).toEqual(["sdk"]);
  const page = readFileSync(join(DOCS, "how-to/client-library.md"), "utf8");
  const files = Object.entries(filesOf(page)).filter(([path]) => path.startsWith("client/"));
  for (const [path, text] of files) write(`typed/${path}`, text);
  const settings = {
    nodenext: { ...OPTIONS, ...NODE, module: "nodenext" },
    bundler: { ...OPTIONS, types: [], lib: ["es2023", "dom"], module: "preserve" },
  };
  for (const [name, compilerOptions] of Object.entries(settings)) {
    const include = name === "bundler" ? ["client/typed.ts"] : ["client"];
    write(`typed/${name}.json`, JSON.stringify({ compilerOptions, include }));
    const { stdout } = run(process.execPath, [TSC, "-p", `${name}.json`]);
    expect([name, stdout]).toEqual([name, ""]);
  }
});

test("how printed text is compared: ids and times may differ, … is anything, the rest counts", () => {
  const shown = "✓ a.b  ID  success in 12ms\n…\nend\n";
  const id = "01a1f8e6-6e16-74ec-8d28-fd7d2108e6d5";
  expect(fits(shown, `✓ a.b  ${id}  success in 1.4s\nmore\nand more\nend\n`)).toBe(true);
  expect(fits(shown, `✓ a.b  ${id}  success in 1.4s\nend\n`)).toBe(true);
  expect(fits(shown, `✓ a.b  ${id}  failed in 1.4s\nend\n`)).toBe(false);
  expect(fits(shown, `✓ a.b  ${id}  success in 1.4s\nend\nsurplus\n`)).toBe(false);
});
