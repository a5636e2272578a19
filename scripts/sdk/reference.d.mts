import type { Library } from "./program.mjs";

/** The text of docs/reference/client-library.md. */
export function libraryPage(library: Library): string;
