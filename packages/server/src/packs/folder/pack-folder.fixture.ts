import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface TestFolder {
  readonly path: string;
  /** Writes files by path; a text that begins with `#!` becomes executable. */
  write(files: { readonly [path: string]: string }): void;
  remove(path: string): void;
  delete(): void;
}

/** A folder for packs, for one test. */
export function createTestFolder(): TestFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "yard-packs-")));
  return {
    path,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), text);
        chmodSync(join(path, name), text.startsWith("#!") ? 0o755 : 0o644);
      }
    },
    remove: (name) => rmSync(join(path, name), { recursive: true }),
    delete: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A pack with the action `<pack>.say`, whose script is `text`. */
export function smallPack(
  name: string,
  text = "echo one",
  more: { readonly [path: string]: string } = {},
): { readonly [path: string]: string } {
  const files = {
    "pack.yaml": `pack: ${name}\nversion: 1.0.0\n`,
    "actions/say.yaml": `action: ${name}.say\nrunner: process\nscript: ${text}\n`,
    ...more,
  };
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [`${name}/${path}`, content]),
  );
}
