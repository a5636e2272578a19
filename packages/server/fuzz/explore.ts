import { createRandom } from "../sim/random.ts";
import { mutate } from "./mutate.ts";
import { type FuzzTarget, wordFor } from "./target.ts";

/** An input for which something did not hold. */
export interface Finding {
  readonly target: string;
  readonly input: Buffer;
  readonly problem: string;
}

export interface Exploration {
  readonly runs: number;
  /** Kinds of outcome that were seen. */
  readonly words: number;
  readonly findings: readonly Finding[];
}

export interface ExploreOptions {
  readonly seed: number;
  /** Kept inputs, besides the target's seeds. */
  readonly corpus: readonly Buffer[];
  /** Asked before each input. */
  readonly goOn: (runs: number) => boolean;
  /** Told of each input before it is run: should it end the process, this was the one. */
  readonly onInput?: (input: Buffer) => void;
}

const LIMIT_MS = 300;
/** One flaw shows in many inputs; more of them say nothing new. */
const MAX_FINDINGS = 5;
const MAX_POPULATION = 2_000;
const SHRINK_RUNS = 400;
const SLOW_SHRINK_RUNS = 20;

/** Runs the seeds, the corpus, and mutations of both; what has a new outcome is mutated further. */
export async function explore(target: FuzzTarget, options: ExploreOptions): Promise<Exploration> {
  const random = createRandom(options.seed);
  const population = [...target.seeds.map((seed) => Buffer.from(seed)), ...options.corpus];
  const words = new Set<string>();
  const problems = new Set<string>();
  const findings: Finding[] = [];
  let runs = 0;

  async function once(input: Buffer): Promise<void> {
    runs++;
    options.onInput?.(input);
    const outcome = await attempt(target, input);
    if ("word" in outcome) {
      if (words.has(outcome.word)) return;
      words.add(outcome.word);
      if (population.length < MAX_POPULATION) population.push(input);
      return;
    }
    const kind = kindOf(outcome.problem);
    if (problems.has(kind)) return;
    problems.add(kind);
    const small = await shrink(target, input, kind, options.onInput);
    findings.push({ target: target.name, input: small, problem: outcome.problem });
  }

  for (const input of [...population]) await once(input);
  while (findings.length < MAX_FINDINGS && options.goOn(runs)) {
    const base = random.pick(population);
    await once(mutate(base, { others: population, words: target.words }, random));
  }
  return { runs, words: words.size, findings };
}

type Outcome = { readonly word: string } | { readonly problem: string };

/** What came of an input. CPU time is what counts: others may be busy on this machine. */
export async function attempt(target: FuzzTarget, input: Buffer): Promise<Outcome> {
  const limitMs = target.limitMs ?? LIMIT_MS;
  let usedMs = Number.POSITIVE_INFINITY;
  let word = "";
  // The compiler or the garbage collector may come in between once, not three times.
  for (let tries = 0; tries < 3 && usedMs > limitMs; tries++) {
    const before = process.cpuUsage();
    try {
      word = await target.run(Buffer.from(input));
    } catch (error) {
      return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    const { user, system } = process.cpuUsage(before);
    usedMs = (user + system) / 1_000;
  }
  if (usedMs <= limitMs) return { word };
  return { problem: `takes more than ${limitMs} ms: ${Math.round(usedMs)} ms` };
}

/** The input with all that can go taken out, as long as it fails in the same way. */
async function shrink(
  target: FuzzTarget,
  input: Buffer,
  kind: string,
  onInput: ExploreOptions["onInput"],
): Promise<Buffer> {
  let small = input;
  let left = kind.startsWith("Error: no answer") ? 0 : SHRINK_RUNS;
  if (kind.startsWith("takes more")) left = SLOW_SHRINK_RUNS;
  for (let size = Math.ceil(small.length / 2); size >= 1 && left > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < small.length && left > 0; left--) {
      const shorter = Buffer.concat([small.subarray(0, at), small.subarray(at + size)]);
      onInput?.(shorter);
      const outcome = await attempt(target, shorter);
      if ("problem" in outcome && kindOf(outcome.problem) === kind) small = shorter;
      else at += size;
    }
  }
  return small;
}

/** What went wrong without the values that it went wrong with. */
function kindOf(problem: string): string {
  const [line = ""] = problem.split("\n");
  return wordFor(line.split(": ").slice(0, 2).join(": "));
}
