import { useQuery } from "@tanstack/react-query";
import { useSession } from "../session/session.tsx";

export interface KnownNames {
  readonly types: readonly string[];
  readonly rules: readonly string[];
  readonly sources: readonly string[];
}

const NONE: KnownNames = { types: [], rules: [], sources: [] };

/** What rules listen on, the rules, and the sources, to choose from. What the token may not read is left out. */
export function useKnownNames(): KnownNames {
  const { client } = useSession();
  const { data } = useQuery({
    queryKey: ["names"],
    queryFn: async ({ signal }) => {
      const [rules, sources] = await Promise.all([
        all(client.rules.list({ signal })).catch(() => []),
        all(client.sources.list({ signal })).catch(() => []),
      ]);
      return {
        types: [...new Set(rules.map(({ on }) => on))],
        rules: rules.map(({ rule }) => rule),
        sources: sources.map(({ name }) => name),
      };
    },
    retry: false,
    staleTime: 60_000,
  });
  return data ?? NONE;
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
