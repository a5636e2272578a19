import { chmod, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

/*
 * The node client as one file that needs nothing but Node: `node scripts/build-node.mjs [FILE]`. Made from the
 * sources, so it needs no other build before it.
 */

const ROOT = resolve(fileURLToPath(import.meta.url), "../..");
const OUTPUT = join(ROOT, "packages/node/dist/yard-node.mjs");

/** What only some machines have; the client does without. */
const OPTIONAL = ["@lydell/node-pty", "bufferutil", "utf-8-validate"];
const SHEBANG = "#!/usr/bin/env node\n";

/** Puts the file in place at once: a node that is started meanwhile finds the old one or the new one. */
export async function buildNode(output = OUTPUT) {
  const bundle = await rolldown({
    input: join(ROOT, "packages/node/src/cli.ts"),
    platform: "node",
    external: OPTIONAL,
    resolve: { conditionNames: ["source", "import", "node"] },
    logLevel: "warn",
  });
  const {
    output: [chunk, ...more],
  } = await bundle.generate({
    format: "esm",
    codeSplitting: false,
    comments: { legal: true, jsdoc: false },
  });
  await bundle.close();
  if (more.length > 0)
    throw new Error(`the client is more than one file: ${more.map((one) => one.fileName)}`);
  const draft = join(dirname(output), `.${basename(output)}.${process.pid}`);
  try {
    await writeFile(draft, SHEBANG + chunk.code);
    await chmod(draft, 0o755);
    await rename(draft, output);
  } finally {
    await rm(draft, { force: true });
  }
  return output;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const output = await buildNode(process.argv[2] === undefined ? OUTPUT : resolve(process.argv[2]));
  process.stderr.write(`yardmaster: wrote ${output}\n`);
}
