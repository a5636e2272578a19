export * from "./api/index.ts";
export * from "./core.ts";
