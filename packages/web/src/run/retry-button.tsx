import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { useSession } from "../session/session.tsx";
import { Refusal } from "./refusal.tsx";

/** Tries a run again, with what had succeeded taken over, and goes to the new run. */
export function RetryButton({ run }: { readonly run: Run }) {
  const { client } = useSession();
  const navigate = useNavigate();
  // One key for one look at the page: a second press of the button starts no second run.
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join("-"));
  const retry = useMutation({
    mutationFn: () => client.runs.retry(run.id, {}, { idempotencyKey }),
    onSuccess: ({ id }) => navigate({ to: "/runs/$id", params: { id } }),
    networkMode: "always",
  });
  return (
    <>
      <Button
        type="button"
        title="A new run that takes over what had succeeded"
        disabled={retry.isPending}
        onClick={() => retry.mutate()}
      >
        {retry.isPending ? "Starting…" : "Retry run"}
      </Button>
      <Refusal error={retry.error} />
    </>
  );
}
