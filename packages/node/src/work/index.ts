export { createWork } from "./work.ts";
export type * from "./work.types.ts";
