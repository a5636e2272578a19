import type { FormEvent, ReactNode } from "react";
import { useFollowing } from "./use-following.ts";

interface TextFilterProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string | undefined;
  readonly className?: string;
  /** Id of a datalist, which is among the children. */
  readonly list?: string;
  readonly children?: ReactNode;
  /** A new text, when it is sent or left; undefined for an empty one. */
  onValue(value: string | undefined): void;
}

/** Keeps what fits a text. Who works by keyboard stays in it when the list changes below. */
export function TextFilter(props: TextFilterProps) {
  const { label, placeholder = label, value = "", className = "", list, children, onValue } = props;
  const [text, setText] = useFollowing(value);

  function apply(): void {
    const wanted = text.trim();
    if (wanted !== value) onValue(wanted === "" ? undefined : wanted);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    apply();
  }

  return (
    <search className={className}>
      <form onSubmit={submit}>
        <input
          type="search"
          className="field w-full"
          aria-label={`Filter by ${label.toLowerCase()}`}
          placeholder={placeholder}
          list={list}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={apply}
        />
        {children}
      </form>
    </search>
  );
}
