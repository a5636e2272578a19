import { useMutation } from "@tanstack/react-query";
import type { Run } from "@yardmaster/protocol";
import { Button } from "../design/button.tsx";
import { useSession } from "../session/session.tsx";
import { Refusal } from "./refusal.tsx";

interface HoldButtonProps {
  readonly run: Run;
  onChanged(): void;
}

/** Pauses a run, or lets a paused one go on. One that is paused with the run whose step it is goes on with that. */
export function HoldButton({ run, onChanged }: HoldButtonProps) {
  const { client } = useSession();
  const isPaused = run.paused_by !== null;
  const hold = useMutation({
    mutationFn: () => (isPaused ? client.runs.resume(run.id) : client.runs.pause(run.id)),
    onSuccess: onChanged,
    networkMode: "always",
  });
  if (run.paused_by === `run:${run.parent_id}`) return null;
  return (
    <>
      <Button
        type="button"
        title={isPaused ? undefined : "What runs goes on, nothing more of it is started"}
        disabled={hold.isPending}
        onClick={() => hold.mutate()}
      >
        {isPaused ? "Resume run" : "Pause run"}
      </Button>
      <Refusal error={hold.error} />
    </>
  );
}
