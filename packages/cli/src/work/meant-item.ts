import { AppError, isUuid } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";

const ISSUE = /^(?:([\w.-]+\/[\w.-]+))?#?(\d{1,9})$/;

/** The id of the item that is meant: an id, or its issue as `owner/repo#161`, `#161` or `161`; the latest of that. */
export async function meantItem(given: string, { work }: Pick<Client, "work">): Promise<string> {
  if (isUuid(given)) return given;
  const [, project, number] = ISSUE.exec(given) ?? [];
  if (number === undefined)
    throw new AppError(
      "invalid_request",
      `"${given}" is no work item: give its id, or its issue as OWNER/REPO#161 or 161`,
    );
  const latest = new Map<string, string>();
  const filter = { number: Number(number), ...(project !== undefined && { project }) };
  for await (const { id, ...item } of work.list(filter)) {
    const name = `${item.tracker} ${item.project}#${item.number}`;
    if (!latest.has(name)) latest.set(name, id);
  }
  const [found] = latest.values();
  if (found === undefined) throw new AppError("not_found", `No work item is of ${given}.`);
  if (latest.size === 1) return found;
  throw new AppError(
    "invalid_request",
    `"${given}" may mean several: ${[...latest].map(([name, id]) => `${name} (${id})`).join(", ")}`,
  );
}
