export {
  type CompiledPack,
  compilePack,
  type PackDocuments,
} from "./pack.ts";
