import { resolve } from "node:path";

/** The folder of the server's package. This file, its compiled form and the programs of one file lie one below it. */
export const PACKAGE_ROOT = resolve(import.meta.dirname, "..");
