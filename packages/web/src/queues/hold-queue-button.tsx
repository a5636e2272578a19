import { useMutation } from "@tanstack/react-query";
import type { Queue } from "@yardmaster/protocol";
import { Button } from "../design/button.tsx";
import { Refusal } from "../run/refusal.tsx";
import { useSession } from "../session/session.tsx";

interface HoldQueueButtonProps {
  readonly queue: Queue;
  onChanged(): void;
}

/** Pauses a queue, or lets a paused one go on. */
export function HoldQueueButton({ queue, onChanged }: HoldQueueButtonProps) {
  const { client } = useSession();
  const { name, paused_by } = queue;
  const isPaused = paused_by !== null;
  const hold = useMutation({
    mutationFn: () => (isPaused ? client.queues.resume(name) : client.queues.pause(name)),
    onSuccess: onChanged,
    networkMode: "always",
  });
  return (
    <>
      <Button
        type="button"
        kind={isPaused ? "primary" : "plain"}
        title={isPaused ? undefined : "What runs goes on, nothing more of it is started"}
        disabled={hold.isPending}
        onClick={() => hold.mutate()}
      >
        {isPaused ? "Resume queue" : "Pause queue"}
      </Button>
      <Refusal error={hold.error} />
    </>
  );
}
