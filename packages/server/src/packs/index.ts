export { coalesced } from "./active/coalesced.ts";
export { type ChecksOfPacks, checkPacks } from "./offline/check-packs.ts";
export { packRoutes } from "./packs.routes.ts";
export { growRevision } from "./packs.store.ts";
export { createPacks, type PacksDeps, type PacksOptions } from "./packs.ts";
export type {
  ActivePack,
  CompiledRule,
  FolderProblems,
  PackSource,
  Packs,
  Reloaded,
  RuleFile,
  RuleSet,
} from "./packs.types.ts";
export { schemaRoutes } from "./schema.routes.ts";
