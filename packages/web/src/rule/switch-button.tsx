import { useMutation } from "@tanstack/react-query";
import type { Rule } from "@yardmaster/protocol";
import { Button } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { useSession } from "../session/session.tsx";

interface SwitchButtonProps {
  readonly rule: Rule;
  onSwitched(): void;
}

/** Pauses a rule, or lets it judge again. Both can be taken back, so neither asks. */
export function SwitchButton({ rule: { rule, status }, onSwitched }: SwitchButtonProps) {
  const { client } = useSession();
  const isActive = status === "active";
  const change = useMutation({
    mutationFn: () => (isActive ? client.rules.pause(rule) : client.rules.resume(rule)),
    onSuccess: onSwitched,
    networkMode: "always",
  });
  return (
    <>
      <Button
        type="button"
        kind={isActive ? "plain" : "primary"}
        className="ml-auto"
        title={isActive ? "What comes for it is held until it is resumed" : undefined}
        disabled={change.isPending}
        onClick={() => change.mutate()}
      >
        {isActive ? "Pause rule" : "Resume rule"}
      </Button>
      <div aria-live="polite" className="order-last basis-full empty:hidden">
        {change.error !== null && <Failure error={change.error} to="switch rules" />}
      </div>
    </>
  );
}
