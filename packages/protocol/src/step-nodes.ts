interface WithAttempts {
  readonly attempts: readonly { readonly node?: string | undefined }[];
}

interface StepOnNodes extends WithAttempts {
  readonly items: readonly WithAttempts[] | null;
  readonly rounds?: readonly WithAttempts[] | undefined;
}

/** "on gpu-1", or "on 3 nodes": where the newest tries of a step and of its items are or were; empty for workers. */
export function nodesText({ attempts, items, rounds = [] }: StepOnNodes): string {
  const newest = [{ attempts }, ...(items ?? []), ...rounds].map((part) => part.attempts.at(-1));
  const names = new Set(newest.flatMap((attempt) => attempt?.node ?? []));
  const [first] = names;
  if (first === undefined) return "";
  return names.size === 1 ? `on ${first}` : `on ${names.size} nodes`;
}
