import type { IssueMetadata, MetadataWarning, ReadMetadata } from "./metadata.types.ts";
import type { IssueReference } from "./references.ts";

/** What the tracker itself holds of an issue's dependencies. */
export type NativeDependencies = Pick<IssueMetadata, "blocks" | "blocked_by">;

/** Adds the tracker's own dependencies to what the body says; where the two contradict each other the tracker's stay. */
export function withNative(read: ReadMetadata, native: NativeDependencies): ReadMetadata {
  const blocks = merged(read.metadata.blocks, native.blocks, native.blocked_by);
  const blockedBy = merged(read.metadata.blocked_by, native.blocked_by, native.blocks);
  const conflicts = (field: "blocks" | "blocked_by", left: readonly IssueReference[]) =>
    left.map(
      (one): MetadataWarning => ({
        field,
        message: `the body says so of ${named(one)}, the tracker says the opposite`,
      }),
    );
  return {
    metadata: { ...read.metadata, blocks: blocks.kept, blocked_by: blockedBy.kept },
    from: {
      ...read.from,
      ...(native.blocks.length > 0 && { blocks: "native" }),
      ...(native.blocked_by.length > 0 && { blocked_by: "native" }),
    },
    warnings: [
      ...read.warnings,
      ...conflicts("blocks", blocks.left),
      ...conflicts("blocked_by", blockedBy.left),
    ],
  };
}

function merged(
  said: readonly IssueReference[],
  native: readonly IssueReference[],
  opposite: readonly IssueReference[],
): { readonly kept: readonly IssueReference[]; readonly left: readonly IssueReference[] } {
  const left = said.filter((one) => opposite.includes(one));
  return { kept: [...new Set([...native, ...said.filter((one) => !left.includes(one))])], left };
}

function named(reference: IssueReference): string {
  return typeof reference === "number" ? `#${reference}` : reference;
}
