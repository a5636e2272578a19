import { readFileSync } from "node:fs";

/** Of the server's package. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
).version;
