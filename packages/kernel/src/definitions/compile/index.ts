export type { InSteps } from "./in-steps.ts";
export {
  type CompiledPack,
  compilePack,
  type PackDocuments,
} from "./pack.ts";
