/** The vocabulary without the schemas: for programs that validate nothing, and start faster without zod. */
export * from "./carry.ts";
export * from "./duration.ts";
export * from "./errors.ts";
export * from "./glob.ts";
export * from "./ids.ts";
export * from "./json.ts";
export * from "./json-number.ts";
export * from "./nearest.ts";
export * from "./node-labels.ts";
export * from "./output-text.ts";
export * from "./scopes.ts";
export * from "./size-text.ts";
export * from "./status.ts";
export * from "./step-file.ts";
export * from "./step-nodes.ts";
export * from "./step-variables.ts";
