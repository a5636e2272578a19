import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "@yardmaster/protocol/core";

/** Where the packages lie. This file, its compiled form and `yard` as one file lie two below. */
const PACKAGES = resolve(import.meta.dirname, "../..");

/** What `yard` starts: the files that `npm run build` makes, each a whole program. */
export const PROGRAMS = {
  server: resolve(PACKAGES, "server/dist/yard-server.mjs"),
  doctor: resolve(PACKAGES, "server/dist/yard-doctor.mjs"),
  carry: resolve(PACKAGES, "server/dist/yard-carry.mjs"),
  packs: resolve(PACKAGES, "server/dist/yard-packs.mjs"),
  node: resolve(PACKAGES, "node/dist/yard-node.mjs"),
} as const;

/** @throws AppError `unavailable` in a checkout where it is not built yet */
export function requireBuilt(program: string): void {
  if (existsSync(program)) return;
  throw new AppError(
    "unavailable",
    "Yardmaster is not built yet: run `npm run build` in the checkout",
  );
}
