import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { useSession } from "../session/session.tsx";
import { GRANT_MEANINGS, GRANTS, type Grant } from "./grants.ts";
import { readLabels } from "./node-words.ts";
import { PastedLines } from "./pasted-lines.tsx";

interface PairNodeDialogProps {
  onPaired(): void;
  onClose(): void;
}

/** Makes a token for a machine, and shows it this once, in the line to paste there. */
export function PairNodeDialog({ onPaired, onClose }: PairNodeDialogProps) {
  const { client } = useSession();
  const [name, setName] = useState("");
  const [labels, setLabels] = useState("");
  const [denied, setDenied] = useState<readonly Grant[]>([]);
  const pair = useMutation({
    mutationFn: async () =>
      client.nodes.pair({
        name: name.trim(),
        labels: readLabels(labels),
        grants: Object.fromEntries(denied.map((grant) => [grant, false])),
      }),
    onSuccess: onPaired,
    networkMode: "always",
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    pair.mutate();
  }

  if (pair.data !== undefined)
    return (
      <Dialog title={`${pair.data.node.name} can join`} onClose={onClose}>
        <PastedLines paired={pair.data} />
        {pair.data.warnings.map((warning) => (
          <div key={warning} className="mt-3">
            <Notice tone="warn">{warning}</Notice>
          </div>
        ))}
        <div className="mt-4 flex justify-end">
          <Button type="button" kind="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Pair a node" onClose={onClose}>
      <form className="mt-4 space-y-3" onSubmit={submit}>
        <label className="block font-medium" htmlFor="node-name">
          Name
        </label>
        <input
          id="node-name"
          className="field w-full"
          placeholder="lab-7"
          spellCheck={false}
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <label className="block font-medium" htmlFor="node-labels">
          Labels <span className="font-normal text-muted">(may be left out)</span>
        </label>
        <input
          id="node-labels"
          className="field w-full"
          placeholder="os=linux, gpu"
          spellCheck={false}
          value={labels}
          onChange={(event) => setLabels(event.target.value)}
        />
        <Granted denied={denied} onDenied={setDenied} />
        <div aria-live="polite">
          {pair.error !== null && <Notice tone="bad">{messageOf(pair.error)}</Notice>}
        </div>
        <div className="flex justify-end gap-2 pt-1">
          <Button type="button" onClick={onClose}>
            Close
          </Button>
          <Button kind="primary" disabled={pair.isPending || name.trim() === ""}>
            {pair.isPending ? "Pairing…" : "Pair"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface GrantedProps {
  readonly denied: readonly Grant[];
  onDenied(denied: readonly Grant[]): void;
}

function Granted({ denied, onDenied }: GrantedProps) {
  return (
    <fieldset>
      <legend className="font-medium">The server may ask it to</legend>
      {GRANTS.map((grant) => {
        const isGranted = !denied.includes(grant);
        return (
          <label key={grant} className="mt-1 flex items-center gap-2">
            <input
              type="checkbox"
              checked={isGranted}
              onChange={() =>
                onDenied(isGranted ? [...denied, grant] : denied.filter((one) => one !== grant))
              }
            />
            {GRANT_MEANINGS[grant]}
          </label>
        );
      })}
    </fieldset>
  );
}
