import { nearest, nearestRef } from "@yardmaster/protocol";

/** More names than these are not told one by one. */
const MAX_TOLD = 12;

export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(word, candidates);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** The same of refs, where the pack may be left out or another one. */
export function didYouMeanRef(ref: string, candidates: Iterable<string>): string | undefined {
  const near = nearestRef(ref, candidates);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** The same where the message does not say what there is: where nothing is near, all of it, as long as that is read. */
export function didYouMeanOrAll(word: string, candidates: readonly string[]): string | undefined {
  const all = candidates.length === 0 ? undefined : `there is ${candidates.join(", ")}`;
  return didYouMean(word, candidates) ?? (candidates.length > MAX_TOLD ? undefined : all);
}
