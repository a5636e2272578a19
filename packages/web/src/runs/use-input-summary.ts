import { useQuery } from "@tanstack/react-query";
import { inputSummary } from "@yardmaster/protocol/core";
import { useSession } from "../session/session.tsx";

/** What a workflow or an action takes, in short. Empty where nobody knows, and where the token may not read packs. */
export function useInputSummary(ref: string): string {
  const { client } = useSession();
  const { data } = useQuery({
    queryKey: ["inputs"],
    queryFn: async ({ signal }) => {
      const inputs = new Map<string, string>();
      for (const list of [client.workflows, client.actions])
        for await (const { ref, input_schema } of list.list({ signal }))
          inputs.set(ref, inputSummary(input_schema));
      return inputs;
    },
    retry: false,
    staleTime: 60_000,
  });
  return data?.get(ref) ?? "";
}
