/** Nobody mistypes a longer one, and the distance takes the square of its length: a path of 16 KiB took seconds. */
const MAX_LENGTH = 200;

/**
 * The candidate nearest to `word` by edit distance, when it is near enough to be a likely slip: one letter, and one more
 * for every four from the eighth on. With two of six wrong, gitlab would be gitea.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The ref that `word` may have meant: the nearest, or the one of another pack, where the pack was left out or is another.
 * `child` means `shop.child`, and so do `chld` and `store.child`.
 */
export function nearestRef(word: string, refs: Iterable<string>): string | undefined {
  const all = [...refs];
  const name = nameOf(word);
  const same = all.find((ref) => nameOf(ref) === name);
  if (word === name && same !== undefined) return same;
  const near = nearest(word, all) ?? same;
  if (near !== undefined || word !== name) return near;
  const nearName = nearest(name, all.map(nameOf));
  return all.find((ref) => nameOf(ref) === nearName);
}

/** What stands behind the pack. */
function nameOf(ref: string): string {
  return ref.slice(ref.indexOf(".") + 1);
}

/** Insertions, deletions, substitutions and swaps of neighbours (`sned`), each counted once; `bound` when it is no less. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (beforePrevious[j - 2] as number) + 1 : bound;
      current.push(
        Math.min(substitution, swap, (previous[j] as number) + 1, (current[j - 1] as number) + 1),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] as number;
}
