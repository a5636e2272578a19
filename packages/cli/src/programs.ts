import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "@yardmaster/protocol/core";

/** Where the packages lie. This file, its compiled form and `yard` as one file lie two below. */
const PACKAGES = resolve(import.meta.dirname, "../..");

/** What `yard` starts. */
export interface Program {
  /** The whole program, made by `npm run build`. */
  readonly file: string;
  /** Loads it, and keeps what Node compiled of it for the next start. */
  readonly launcher: string;
}

export const PROGRAMS = {
  server: programOf("server", "yard-server"),
  doctor: programOf("server", "yard-doctor"),
  carry: programOf("server", "yard-carry"),
  packs: programOf("server", "yard-packs"),
  node: programOf("node", "yard-node"),
} as const;

function programOf(home: string, name: string): Program {
  return {
    file: resolve(PACKAGES, home, `dist/${name}.mjs`),
    launcher: resolve(PACKAGES, home, `bin/${name}.js`),
  };
}

/** @throws AppError `unavailable` in a checkout where it is not built yet */
export function requireBuilt({ file }: Program): void {
  if (existsSync(file)) return;
  throw new AppError(
    "unavailable",
    "Yardmaster is not built yet: run `npm run build` in the checkout",
  );
}
