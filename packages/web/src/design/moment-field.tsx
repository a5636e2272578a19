import { useId } from "react";

interface MomentFieldProps {
  readonly label: string;
  /** RFC 3339; undefined where none is said. */
  onMoment(at: string | undefined): void;
}

/** A moment by the reader's own clock. */
export function MomentField({ label, onMoment }: MomentFieldProps) {
  const id = useId();
  return (
    <>
      <label className="block font-medium" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        type="datetime-local"
        className="field mt-1 w-full"
        onChange={({ target: { value } }) =>
          onMoment(value === "" ? undefined : new Date(value).toISOString())
        }
      />
    </>
  );
}
