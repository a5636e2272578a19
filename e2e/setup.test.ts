import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const CHECKOUT = resolve(import.meta.dirname, "..");
const SETUP = join(CHECKOUT, "scripts/setup.mjs");
const LOCK = ".yard-setup.lock";

/** A checkout of one small package without dependencies of its own. */
function createCheckout() {
  const root = mkdtempSync(join(tmpdir(), "yard-setup-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, content: string | object) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(
      join(root, path),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  };
  write("package.json", { name: "small", version: "1.0.0" });
  const entry = { name: "small", version: "1.0.0" };
  write("package-lock.json", {
    ...entry,
    lockfileVersion: 3,
    requires: true,
    packages: { "": entry },
  });
  const references = [{ path: "packages/a/tsconfig.build.json" }];
  write("tsconfig.build.json", { files: [], references });
  const compilerOptions = {
    composite: true,
    rootDir: "src",
    outDir: "dist",
    tsBuildInfoFile: "dist/.tsbuildinfo",
    types: [],
    // Small: to read the others takes most of a compiler's time.
    lib: ["es5"],
  };
  write("packages/a/tsconfig.build.json", { compilerOptions, include: ["src"] });
  write("packages/a/src/index.ts", "export const answer: number = 1;\n");
  mkdirSync(join(root, "node_modules"));
  symlinkSync(
    join(CHECKOUT, "node_modules/typescript-native"),
    join(root, "node_modules/typescript-native"),
    "junction",
  );
  return { root, write };
}

/** Runs a line of JavaScript with the set-up's functions at hand, in a process of its own. */
function inProcess(line: string): {
  child: ChildProcess;
  done: Promise<{ code: number | null; said: string }>;
} {
  const source = `import { ensureBuilt, ensureInstalled } from ${JSON.stringify(SETUP)}; ${line}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  return {
    child,
    done: new Promise((done) => child.once("close", (code) => done({ code, said }))),
  };
}

const build = (root: string) => inProcess(`await ensureBuilt(${JSON.stringify(root)})`).done;
const install = (root: string) => inProcess(`await ensureInstalled(${JSON.stringify(root)})`).done;
const built = (root: string) => readFileSync(join(root, "packages/a/dist/index.js"), "utf8");

test("builds what was never built, not again, and again when a source has changed or dist is gone", async () => {
  const { root, write } = createCheckout();
  expect((await build(root)).said).toContain("building");
  expect(built(root)).toContain("answer = 1");
  expect(await build(root)).toEqual({ code: 0, said: "" });
  write("packages/a/src/index.ts", "export const answer: number = 2;\n");
  expect((await build(root)).said).toContain("building");
  expect(built(root)).toContain("answer = 2");
  rmSync(join(root, "packages/a/dist"), { recursive: true });
  expect((await build(root)).said).toContain("building");
  expect(built(root)).toContain("answer = 2");
});

test("npm start tells what setting up took apart from what the server takes to start", async () => {
  const { root, write } = createCheckout();
  write("node_modules/.package-lock.json", { packages: {} });
  for (const name of ["start", "stop-with-parent", "setup", "setup-lock", "setup-state", "builds"])
    cpSync(join(CHECKOUT, `scripts/${name}.mjs`), join(root, `scripts/${name}.mjs`));
  write(
    "packages/server/dist/yard-server.mjs",
    "console.log(performance.getEntriesByName('yardmaster set up', 'mark').length)",
  );
  const start = () => inProcess(`await import(${JSON.stringify(join(root, "scripts/start.mjs"))})`);
  const first = await start().done;
  expect(first.said).toMatch(/^yardmaster: set up in \d+ s\n1\n$/m);
  expect(await start().done).toEqual({ code: 0, said: "1\n" });
});

test("builds the page where its sources or those of the client have changed, beside the packages", async () => {
  const { root, write } = createCheckout();
  symlinkSync(join(CHECKOUT, "node_modules/vite"), join(root, "node_modules/vite"), "junction");
  const page = () => readFileSync(join(root, "packages/web/dist/index.html"), "utf8");
  const html = (title: string) => `<!doctype html><title>${title}</title>`;
  write("packages/web/package.json", { name: "page", version: "1.0.0" });
  write("packages/web/index.html", html("one"));
  expect((await build(root)).said).toMatch(/building \(tsc -b\)[\s\S]*building the page/);
  expect(page()).toContain("one");
  expect(await build(root)).toEqual({ code: 0, said: "" });
  write("packages/web/index.html", html("two"));
  expect((await build(root)).said).toBe("yardmaster: building the page (vite build)\n");
  expect(page()).toContain("two");
  write("packages/sdk/src/index.ts", "export {};\n");
  expect((await build(root)).said).toContain("building the page");
});

test("builds the page for those who use it, whatever NODE_ENV says where it is built", async () => {
  const { root, write } = createCheckout();
  symlinkSync(join(CHECKOUT, "node_modules/vite"), join(root, "node_modules/vite"), "junction");
  write("packages/web/package.json", { name: "page", version: "1.0.0" });
  write("packages/web/index.html", '<script type="module" src="./page.js"></script>');
  write("packages/web/page.js", "console.log(`made for ${process.env.NODE_ENV}`);");
  expect(process.env["NODE_ENV"]).toBe("test");
  expect((await build(root)).code).toBe(0);
  const assets = join(root, "packages/web/dist/assets");
  const [script = ""] = readdirSync(assets).filter((name) => name.endsWith(".js"));
  expect(readFileSync(join(assets, script), "utf8")).toContain("made for production");
});

test("fails with the compiler's words, and tries again the next time", async () => {
  const { root, write } = createCheckout();
  write("packages/a/src/index.ts", "export const answer: number = ;\n");
  for (let attempt = 0; attempt < 2; attempt++) {
    const { code, said } = await build(root);
    expect(code).not.toBe(0);
    expect(said).toContain("TS1109");
  }
});

test("lets one of two processes build while the other waits for it", async () => {
  const { root } = createCheckout();
  const results = await Promise.all([build(root), build(root)]);
  expect(results.map((result) => result.code)).toEqual([0, 0]);
  expect(results.filter((result) => result.said.includes("building"))).toHaveLength(1);
  expect(existsSync(join(root, LOCK))).toBe(false);
});

test("takes over the lock of a process that was killed while it held it", async () => {
  const { root } = createCheckout();
  const dead = inProcess("");
  await dead.done;
  writeFileSync(join(root, LOCK), JSON.stringify({ pid: dead.child.pid, host: hostname() }));
  expect((await build(root)).code).toBe(0);
  expect(existsSync(join(root, LOCK))).toBe(false);
});

test("waits for a living holder of the lock, says so, and goes on when it is free", async () => {
  const { root } = createCheckout();
  writeFileSync(join(root, LOCK), JSON.stringify({ pid: process.pid, host: hostname() }));
  const { child, done } = inProcess(`await ensureBuilt(${JSON.stringify(root)})`);
  await new Promise((heard) => child.stderr?.once("data", heard));
  expect(existsSync(join(root, "packages/a/dist"))).toBe(false);
  rmSync(join(root, LOCK));
  expect((await done).said).toMatch(/waiting for it[\s\S]*building/);
});

test("installs by npm ci when node_modules is not what the lock file says, and only then", async () => {
  const { root, write } = createCheckout();
  rmSync(join(root, "node_modules"), { recursive: true });
  const first = await install(root);
  expect(first).toMatchObject({
    code: 0,
    said: expect.stringContaining("installing dependencies"),
  });
  expect(await install(root)).toEqual({ code: 0, said: "" });
  const entry = { name: "small", version: "1.0.0" };
  const missing = { "node_modules/none": { version: "1.0.0", resolved: "file:none.tgz" } };
  write("package-lock.json", {
    ...entry,
    lockfileVersion: 3,
    requires: true,
    packages: { "": entry, ...missing },
  });
  expect((await install(root)).said).toContain("installing dependencies");
});

test("what npm start runs stops in order when whoever started it is gone", async () => {
  const helper = JSON.stringify(join(CHECKOUT, "scripts/stop-with-parent.mjs"));
  const server = `
    import { stopWithParent } from ${helper};
    process.on("disconnect", () => { console.log("stopped in order"); process.exit(); });
    stopWithParent();
    console.log("started");
    setInterval(() => {}, 60_000);`;
  const args = JSON.stringify(["--input-type=module", "-e", server]);
  const npm = inProcess(
    `import { spawn } from "node:child_process"; spawn(process.execPath, ${args}, { stdio: "inherit" });`,
  );
  await new Promise((next) => npm.child.stdout?.once("data", next));
  npm.child.kill("SIGKILL");
  expect((await npm.done).said).toBe("started\nstopped in order\n");
});
