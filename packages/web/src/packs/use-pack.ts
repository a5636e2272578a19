import { readPart } from "../live/read-part.ts";
import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";

const PACE_MS = 1_000;
/** An edit of its folder is told by no change. */
const EVERY_MS = 5_000;

/** One pack with what it defines and how that stands, kept up to date. */
export function usePack(name: string) {
  const { client } = useSession();
  const { packs, actions, workflows, rules, tasks, sensors } = client;
  return useFresh({
    key: ["pack", name],
    read: async (signal) => {
      const pack = await packs.get(name, { signal });
      const [ownActions, ownWorkflows, ownRules, ownTasks, ownSensors] = await Promise.all([
        readPart(allOf(actions.list({ pack: pack.pack, signal }))),
        readPart(allOf(workflows.list({ pack: pack.pack, signal }))),
        readPart(among(pack.rules, rules.list({ signal }), ({ rule }) => rule)),
        readPart(
          pack.tasks.length === 0
            ? Promise.resolve([])
            : allOf(tasks.list({ created_by: `pack:${pack.pack}`, signal })),
        ),
        readPart(among(pack.sensors, sensors.list({ signal }), ({ ref }) => ref)),
      ]);
      return {
        pack,
        ...{ actions: ownActions, workflows: ownWorkflows },
        ...{ rules: ownRules, tasks: ownTasks, sensors: ownSensors },
      };
    },
    types: "sensor.*",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}

async function allOf<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of list) found.push(item);
  return found;
}

/** Those of a list that have one of the names; of no names nothing is read. */
async function among<Item>(
  names: readonly string[],
  list: AsyncIterable<Item>,
  nameOf: (item: Item) => string,
): Promise<Item[]> {
  if (names.length === 0) return [];
  return (await allOf(list)).filter((item) => names.includes(nameOf(item)));
}
