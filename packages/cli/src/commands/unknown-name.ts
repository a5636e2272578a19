import { isAppError, nearestRef } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Io } from "../io.ts";
import { printable } from "../output/printable.ts";

/** A name in a filter, and where the names that there are now come from. */
export interface FilterName {
  /** What it names: "rule". */
  readonly what: string;
  readonly given: string | undefined;
  names(): AsyncIterable<string> | Iterable<string>;
  /** Default: that there is none now. */
  missing?(name: string): string;
}

/**
 * Says on stderr that nothing has a name that a filter asked for, with the nearest. For lists that came out empty; no
 * error, since what is past may have names that are gone. Silent where the names may not be read.
 */
export async function noteUnknown(
  { stderr }: Pick<Io, "stderr">,
  filters: readonly FilterName[],
): Promise<void> {
  for (const { what, given, names, missing = missingNow(what) } of filters) {
    if (given === undefined) continue;
    const known = await gathered(names());
    if (known === undefined || known.includes(given)) continue;
    const near = nearestRef(given, known);
    const hint = near === undefined ? "" : `; did you mean ${printable(near)}?`;
    stderr.write(`yard: ${missing(printable(given))}${hint}\n`);
  }
}

function missingNow(what: string): (name: string) => string {
  return (name) => `there is no ${what} ${name} now`;
}

async function gathered(
  names: AsyncIterable<string> | Iterable<string>,
): Promise<string[] | undefined> {
  const found: string[] = [];
  try {
    for await (const name of names) found.push(name);
    return found;
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

export async function* refsOf({ actions, workflows }: Client): AsyncGenerator<string> {
  for await (const { ref } of actions.list()) yield ref;
  for await (const { ref } of workflows.list()) yield ref;
}

export async function* rulesOf({ rules }: Client): AsyncGenerator<string> {
  for await (const { rule } of rules.list()) yield rule;
}

export async function* packsOf({ packs }: Client): AsyncGenerator<string> {
  for await (const { pack } of packs.list()) yield pack;
}

export async function* nodesOf({ nodes }: Client): AsyncGenerator<string> {
  for await (const { name } of nodes.list()) yield name;
}

export async function* sourcesOf({ sources }: Client): AsyncGenerator<string> {
  for await (const { name } of sources.list()) yield name;
}
