import { useState } from "react";
import { Button } from "./button.tsx";

interface CopyButtonProps {
  /** A function makes one that is costly when it is asked for. */
  readonly text: string | (() => string);
  readonly label: string;
}

/** Copies a text. Absent where the browser does not let a page do that (plain HTTP from afar). */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  if (navigator.clipboard === undefined) return null;
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  }
  return (
    <Button
      type="button"
      kind="quiet"
      className="-mr-2 min-h-7 px-2 py-0.5"
      aria-label={label}
      onClick={() => void copy().catch(() => undefined)}
    >
      {isCopied ? "Copied" : "Copy"}
    </Button>
  );
}
