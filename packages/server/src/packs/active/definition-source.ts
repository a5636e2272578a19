import type { WorkflowDefinition } from "@yardmaster/kernel";
import { AppError, isAppError } from "@yardmaster/protocol";
import type { DefinitionSource } from "../../engine/index.ts";
import type { ActiveDefinitions } from "./active-set.ts";
import { createBackOff } from "./back-off.ts";
import { calledWorkflow } from "./called-workflow.ts";
import type { PackCache } from "./pack-cache.ts";

interface Deps {
  readonly cache: PackCache;
  readonly active: () => ActiveDefinitions;
  readonly packFolder: (digest: string) => Promise<string>;
  readonly monotonicMs: () => number;
}

/**
 * The engine's way to definitions. `pinned` of a pack that is in memory touches nothing but memory; one that cannot be
 * had is looked for again after a while: all that wait for it would ask the store again and again.
 */
export function createDefinitionSource(deps: Deps): DefinitionSource {
  const { cache, active, packFolder, monotonicMs } = deps;
  const tryTo = createBackOff({ monotonicMs, isLasting: isMissing });

  async function fromPack(ref: string, digest: string): Promise<WorkflowDefinition> {
    const pack = cache.peek(digest) ?? (await tryTo(digest, () => cache.load(digest)));
    const found = calledWorkflow(pack, ref);
    if (found !== undefined) return found;
    throw missing(`"${ref}" is not in the pack with the digest ${digest}`);
  }

  return {
    current: (ref) => active().refs.get(ref),
    async pinned(ref, digest) {
      const pinned = active().refs.get(ref);
      if (pinned?.packDigest === digest) return pinned.workflow;
      if (digest !== null) return fromPack(ref, digest);
      throw missing(`there is no built-in action "${ref}"`);
    },
    refs: () => active().refs.keys(),
    packFolder,
  };
}

function missing(detail: string): AppError {
  return new AppError("definition_missing", detail);
}

function isMissing(error: unknown): boolean {
  return isAppError(error) && error.code === "definition_missing";
}
