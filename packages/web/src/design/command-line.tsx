import { CopyButton } from "./copy-button.tsx";

interface CommandLineProps {
  readonly text: string;
  /** Of the button that copies it. */
  readonly label: string;
}

/** A line to be pasted into a shell: whole, however narrow the page is. */
export function CommandLine({ text, label }: CommandLineProps) {
  return (
    <div className="flex items-start gap-3 rounded-lg bg-sunken py-2 pr-4 pl-4">
      <code className="min-w-0 flex-1 py-0.5 font-mono text-[0.8125rem] wrap-anywhere select-all">
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
