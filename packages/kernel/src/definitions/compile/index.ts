export {
  type CompiledPack,
  compilePack,
  type DefinitionDocument,
  type DefinitionKind,
  type PackDocuments,
} from "./pack.ts";
export { reportSlips } from "./slips.ts";
