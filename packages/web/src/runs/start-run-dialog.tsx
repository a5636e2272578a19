import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Json } from "@yardmaster/protocol/core";
import { type FormEvent, useState } from "react";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { useSession } from "../session/session.tsx";
import { RefOptions } from "./ref-options.tsx";
import { useInputSummary } from "./use-input-summary.ts";

interface StartRunDialogProps {
  readonly firstRef: string;
  onClose(): void;
}

/** Starts a run of a ref with an input in JSON, and goes there. The server checks the input and says what is wrong. */
export function StartRunDialog({ firstRef, onClose }: StartRunDialogProps) {
  const { client } = useSession();
  const navigate = useNavigate();
  const [ref, setRef] = useState(firstRef);
  const [input, setInput] = useState("{}");
  const takes = useInputSummary(ref.trim());
  // One key for one dialog: a second press of the button starts no second run.
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join("-"));
  const start = useMutation({
    mutationFn: async () =>
      client.runs.start({ ref: ref.trim(), input: parseInput(input) }, { idempotencyKey }),
    onSuccess: ({ id }) => navigate({ to: "/runs/$id", params: { id } }),
    networkMode: "always",
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    start.mutate();
  }

  return (
    <Dialog title="Start a run" onClose={onClose}>
      <form className="mt-4 space-y-3" onSubmit={submit}>
        <label className="block font-medium" htmlFor="start-ref">
          Workflow or action
        </label>
        <input
          id="start-ref"
          className="field w-full"
          list="start-refs"
          placeholder="examples.greet"
          required
          value={ref}
          onChange={(event) => setRef(event.target.value)}
        />
        <RefOptions id="start-refs" />
        <label className="block font-medium" htmlFor="start-input">
          Input, as JSON
        </label>
        <textarea
          id="start-input"
          className="field block min-h-32 w-full font-mono text-[0.8125rem]"
          aria-describedby="start-takes"
          spellCheck={false}
          value={input}
          onChange={(event) => setInput(event.target.value)}
        />
        {takes !== "" && (
          <p id="start-takes" className="text-muted wrap-anywhere">
            It takes {takes}; what has a * must be given.
          </p>
        )}
        <div aria-live="polite">
          {start.error !== null && <Notice tone="bad">{messageOf(start.error)}</Notice>}
        </div>
        <div className="flex justify-end gap-2 pt-1">
          <Button type="button" onClick={onClose}>
            Close
          </Button>
          <Button kind="primary" disabled={start.isPending || ref.trim() === ""}>
            {start.isPending ? "Starting…" : "Start"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function parseInput(text: string): Json {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Error(`The input is not JSON: ${(error as Error).message}`);
  }
}
