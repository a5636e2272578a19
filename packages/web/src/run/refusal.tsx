import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";

/** Why what was asked of a run was not done; below the buttons beside which it stands. */
export function Refusal({ error }: { readonly error: unknown }) {
  return (
    <div aria-live="polite" className="order-last basis-full empty:hidden">
      {error !== null && <Notice tone="bad">{messageOf(error)}</Notice>}
    </div>
  );
}
