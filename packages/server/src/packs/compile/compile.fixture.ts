import { formatProblem, type PackDefinition } from "@yardmaster/kernel";
import { expect } from "vitest";
import { atOnce } from "../../slices.ts";
import { digestOf, sha256 } from "../digest.ts";
import { schemaErrors } from "../schema/published-schema.fixture.ts";
import { type CompileFilesOptions, compileFiles } from "./compile-files.ts";

/** A pack "p" of these files, with a manifest. What the compiler takes, the published schema must take too. */
export function compile(texts: { readonly [path: string]: string }, options?: CompileFilesOptions) {
  const all = { "pack.yaml": "pack: p\nversion: 1.0.0\n", ...texts };
  const contents = new Map(Object.entries(all).map(([path, text]) => [path, Buffer.from(text)]));
  const files = [...contents].map(([path, content]) => ({
    path,
    executable: false,
    bytes: content.length,
    sha256: sha256(content),
  }));
  const read = (file: (typeof files)[number]): Buffer => contents.get(file.path) as Buffer;
  const compiled = atOnce(compileFiles(digestOf(files), files, read, options));
  if (compiled.pack !== undefined)
    expect(Object.entries(all).flatMap(([path, text]) => schemaErrors(path, text))).toEqual([]);
  return compiled;
}

/** The same where nothing is wrong with it. */
export function good(texts: { readonly [path: string]: string }): PackDefinition {
  const { pack, problems } = compile(texts);
  expect(problems.map(formatProblem)).toEqual([]);
  return pack as PackDefinition;
}

/** What is wrong with it, a line each. */
export function problemsOf(texts: { readonly [path: string]: string }): string[] {
  return compile(texts).problems.map(formatProblem);
}
