import { useFollowing } from "../list/use-following.ts";
import { fromLocalInput, toLocalInput } from "../time/local-input.ts";

interface TimeFilterProps {
  readonly label: string;
  /** RFC 3339. */
  readonly value: string | undefined;
  onValue(value: string | undefined): void;
}

/** A moment, applied when it is left or sent: while it is typed every key gives another. */
export function TimeFilter({ label, value, onValue }: TimeFilterProps) {
  const [text, setText] = useFollowing(toLocalInput(value));
  function apply(): void {
    if (text !== toLocalInput(value)) onValue(fromLocalInput(text));
  }
  return (
    <label className="flex items-center gap-2 text-muted max-sm:justify-between">
      {label}
      <input
        type="datetime-local"
        step={1}
        className="field text-ink"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={apply}
        // Chromium sends no form from such an input.
        onKeyDown={({ key }) => key === "Enter" && apply()}
      />
    </label>
  );
}
