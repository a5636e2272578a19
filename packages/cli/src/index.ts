export type { Io, OutputStream } from "./io.ts";
export { main, processIo } from "./main.ts";
