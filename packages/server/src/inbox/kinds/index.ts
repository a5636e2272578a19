import { genericKind } from "./generic.ts";
import { createGiteaKind } from "./gitea.ts";
import { githubKind } from "./github.ts";
import type { SourceKind } from "./source-kind.ts";

export type { SourceKind } from "./source-kind.ts";

/** Every kind of source that a webhook can come from, by name. */
export const sourceKinds: ReadonlyMap<string, SourceKind> = new Map(
  [createGiteaKind("gitea"), createGiteaKind("forgejo"), githubKind, genericKind].map((kind) => [
    kind.name,
    kind,
  ]),
);
