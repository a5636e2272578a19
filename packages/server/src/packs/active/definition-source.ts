import type { WorkflowDefinition } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import type { DefinitionSource } from "../../engine/index.ts";
import type { ActiveDefinitions } from "./active-set.ts";
import { calledWorkflow } from "./called-workflow.ts";
import type { PackCache } from "./pack-cache.ts";

interface Deps {
  readonly cache: PackCache;
  readonly active: () => ActiveDefinitions;
  readonly packFolder: (digest: string) => Promise<string>;
}

/** The engine's way to definitions. `pinned` of a pack that is in memory touches nothing but memory. */
export function createDefinitionSource({ cache, active, packFolder }: Deps): DefinitionSource {
  async function fromPack(ref: string, digest: string): Promise<WorkflowDefinition> {
    const pack = cache.peek(digest) ?? (await cache.load(digest));
    const found = calledWorkflow(pack, ref);
    if (found !== undefined) return found;
    throw unknownRef(`"${ref}" is not in the pack with the digest ${digest}`);
  }

  return {
    current: (ref) => active().refs.get(ref),
    async pinned(ref, digest) {
      const pinned = active().refs.get(ref);
      if (pinned?.packDigest === digest) return pinned.workflow;
      if (digest !== null) return fromPack(ref, digest);
      throw unknownRef(`there is no built-in action "${ref}"`);
    },
    refs: () => active().refs.keys(),
    packFolder,
  };
}

function unknownRef(detail: string): AppError {
  return new AppError("unknown_ref", detail);
}
