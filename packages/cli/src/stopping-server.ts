import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { failureCode } from "@yardmaster/protocol/core";

/** `owner.json` of a data folder, where its server has noted that it is stopping. Times in RFC 3339. */
interface StoppingOwner {
  readonly pid: number;
  readonly stopping: { readonly since: string; readonly until: string };
}

/** Of a server that has closed its port and waits for what it runs: starting another would be refused meanwhile. */
export async function stoppingServer(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, "owner.json"), "utf8").catch(() => "{}");
  const owner = stoppingOwner(text);
  if (owner === undefined || !isAlive(owner.pid)) return undefined;
  const { since, until } = owner.stopping;
  const what = `The Yardmaster server of ${folder} is stopping since ${since}, and answers no more.`;
  return `${what} What it runs may go on until ${until}: wait for it, or end the waiting with \`kill ${owner.pid}\`; then start it again`;
}

function stoppingOwner(text: string): StoppingOwner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<StoppingOwner>;
    const isStopping = typeof owner.pid === "number" && typeof owner.stopping?.until === "string";
    return isStopping ? (owner as StoppingOwner) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return failureCode(error) === "EPERM";
  }
}
