import type { Random } from "./random.ts";

/** Virtual time: what is to happen, in order. Between two happenings every promise that can go on has gone on. */
export interface World {
  /** Virtual milliseconds since the beginning. */
  now(): number;
  after(ms: number, happen: () => void): () => void;
  /** Goes through what is to happen until `done` says so or nothing is left; resolves with the virtual time. */
  run(done: () => boolean): Promise<number>;
  trace(line: () => string): void;
  /** While it lasts every happening gets a whole turn of the event loop, for code that waits for one. */
  inTurns<T>(work: Promise<T>): Promise<T>;
  readonly random: Random;
}

interface Happening {
  readonly at: number;
  readonly nth: number;
  run: (() => void) | undefined;
}

export function createWorld(random: Random, print?: (line: string) => void): World {
  const heap: Happening[] = [];
  let nowMs = 0;
  let count = 0;
  let turning = 0;

  function after(ms: number, happen: () => void): () => void {
    const happening: Happening = { at: nowMs + Math.max(ms, 0), nth: count++, run: happen };
    push(heap, happening);
    return () => {
      happening.run = undefined;
    };
  }

  function run(done: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      // The tick queue goes on only when no microtask is left: a whole turn of the event loop would cost 5 µs more.
      const again = (): void => {
        if (turning > 0) setImmediate(step);
        else process.nextTick(step);
      };
      function step(): void {
        try {
          const next = pop(heap);
          if (next === undefined || done()) return resolve(nowMs);
          nowMs = next.at;
          next.run?.();
          queueMicrotask(again);
        } catch (error) {
          reject(error as Error);
        }
      }
      process.nextTick(step);
    });
  }

  return {
    now: () => nowMs,
    after,
    run,
    inTurns(work) {
      turning++;
      return work.finally(() => {
        turning--;
      });
    },
    random,
    trace: (line) => print?.(`${(nowMs / 1000).toFixed(3).padStart(9)} ${line()}`),
  };
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.nth < b.nth);
}

function push(heap: Happening[], item: Happening): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(item, heap[parent] as Happening)) break;
    heap[at] = heap[parent] as Happening;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Happening[]): Happening | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Happening, heap[child] as Happening))
      child++;
    if (!isBefore(heap[child] as Happening, last)) break;
    heap[at] = heap[child] as Happening;
    at = child;
  }
  heap[at] = last;
  return top;
}
