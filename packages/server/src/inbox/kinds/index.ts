import { createGiteaKind } from "./gitea.ts";
import type { SourceKind } from "./source-kind.ts";

export type { SourceKind } from "./source-kind.ts";

/** Every kind of source that a webhook can come from, by name. */
export const sourceKinds: ReadonlyMap<string, SourceKind> = new Map(
  [createGiteaKind("gitea"), createGiteaKind("forgejo")].map((kind) => [kind.name, kind]),
);
