import { useQuery } from "@tanstack/react-query";
import { useSession } from "../session/session.tsx";

/** Every workflow and action of the packs, to choose from. Empty where the token may not read packs. */
export function useRefs(): readonly string[] {
  const { client } = useSession();
  const { data } = useQuery({
    queryKey: ["refs"],
    queryFn: async ({ signal }) => {
      const refs: string[] = [];
      for await (const pack of client.packs.list({ signal }))
        refs.push(...pack.workflows, ...pack.actions);
      return refs;
    },
    retry: false,
    staleTime: 60_000,
  });
  return data ?? [];
}
