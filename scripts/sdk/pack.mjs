import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { readLibrary } from "./program.mjs";
import { flatTypes } from "./types.mjs";

const ROOT = resolve(fileURLToPath(import.meta.url), "../../..");
const SDK = join(ROOT, "packages/sdk");

/**
 * Packs the client library into `folder`, and returns the path of what it made. It is made from the sources, and holds
 * what it uses of the protocol: it depends on nothing but the runtime.
 */
export async function packLibrary(folder, library = readLibrary(ROOT)) {
  await mkdir(folder, { recursive: true });
  const staging = await mkdtemp(join(tmpdir(), "yard-sdk-"));
  try {
    await fill(staging, library);
    const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
    const { stdout } = await promisify(execFile)("npm", args, {
      cwd: staging,
      shell: process.platform === "win32",
    });
    const [{ filename }] = JSON.parse(stdout);
    return join(folder, filename);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function fill(staging, library) {
  await Promise.all([
    writeFile(join(staging, "index.js"), await code()),
    writeFile(join(staging, "index.d.ts"), flatTypes(library)),
    writeFile(join(staging, "package.json"), await manifest()),
    copyFile(join(SDK, "README.md"), join(staging, "README.md")),
    copyFile(join(ROOT, "LICENSE"), join(staging, "LICENSE")),
  ]);
}

async function code() {
  const bundle = await rolldown({
    input: join(SDK, "src/index.ts"),
    resolve: { conditionNames: ["source"] },
    // Node.js, a browser or a bundler: it imports nothing.
    platform: "neutral",
    logLevel: "warn",
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  const [{ code: text, imports }, ...more] = output;
  if (imports.length > 0 || more.length > 0)
    throw new Error(`the client library needs ${[...imports, ...more.map((one) => one.fileName)]}`);
  return text;
}

/** That of the workspace, with what is in the package instead of where the checkout has it. */
async function manifest() {
  const {
    dependencies: _,
    exports: __,
    ...own
  } = JSON.parse(await readFile(join(SDK, "package.json"), "utf8"));
  const { engines } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const packed = {
    ...own,
    engines,
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./package.json": "./package.json",
    },
    types: "./index.d.ts",
    files: ["index.js", "index.d.ts"],
    sideEffects: false,
  };
  return `${JSON.stringify(packed, undefined, 2)}\n`;
}
