import { useMutation } from "@tanstack/react-query";
import { Button } from "../design/button.tsx";
import { Refusal } from "../run/refusal.tsx";
import { useSession } from "../session/session.tsx";

/** Has the server read the folders of packs again, as it does by itself when it sees that they change. */
export function ReloadButton({ onReloaded }: { onReloaded(): void }) {
  const { client } = useSession();
  const reload = useMutation({
    mutationFn: () => client.packs.reload(),
    onSuccess: onReloaded,
    networkMode: "always",
  });
  return (
    <>
      <Button
        type="button"
        title="The server reads the folders of packs by itself when it sees that they change"
        disabled={reload.isPending}
        onClick={() => reload.mutate()}
      >
        {reload.isPending ? "Reading…" : "Read folders again"}
      </Button>
      <Refusal error={reload.error} />
    </>
  );
}
