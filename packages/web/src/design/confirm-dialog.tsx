import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { messageOf } from "./message-of.ts";
import { Notice } from "./notice.tsx";

interface ConfirmDialogProps {
  /** The question. */
  readonly title: string;
  /** What will come of it, and what may be said with it. */
  readonly children: ReactNode;
  /** On the button that does it. */
  readonly yes: string;
  /** On the one that leaves it. */
  readonly no: string;
  readonly kind?: "danger" | "primary";
  readonly isPending: boolean;
  readonly error: unknown;
  onYes(): void;
  onClose(): void;
}

/** Asks whether something is meant before it is done, and says where it could not be. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, yes, no, kind = "primary", isPending, error, onYes, onClose } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="mt-2"
        onSubmit={(event) => {
          event.preventDefault();
          onYes();
        }}
      >
        {children}
        <div aria-live="polite" className="mt-3">
          {error !== null && <Notice tone="bad">{messageOf(error)}</Notice>}
        </div>
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          <Button type="button" onClick={onClose}>
            {no}
          </Button>
          <Button kind={kind} disabled={isPending}>
            {yes}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
