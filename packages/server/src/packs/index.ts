export { coalesced } from "./active/coalesced.ts";
export { checkPacks } from "./offline/check-packs.ts";
export { packRoutes } from "./packs.routes.ts";
export { growRevision } from "./packs.store.ts";
export { createPacks } from "./packs.ts";
export type {
  ActivePack,
  FolderProblems,
  PackSource,
  Packs,
  RuleFile,
  RuleSet,
} from "./packs.types.ts";
export { schemaRoutes } from "./schema/schema.routes.ts";
