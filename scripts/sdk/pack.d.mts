import type { Library } from "./program.mjs";

/** Packs the client library into `folder`; gives the path of the file. */
export function packLibrary(folder: string, library?: Library): Promise<string>;
