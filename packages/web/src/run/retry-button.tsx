import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Run } from "@yardmaster/protocol";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { useSession } from "../session/session.tsx";

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
        className="ml-auto"
        title="A new run that takes over what had succeeded"
        disabled={retry.isPending}
        onClick={() => retry.mutate()}
      >
        {retry.isPending ? "Starting…" : "Retry run"}
      </Button>
      <div aria-live="polite" className="basis-full empty:hidden">
        {retry.error !== null && <Notice tone="bad">{messageOf(retry.error)}</Notice>}
      </div>
    </>
  );
}
