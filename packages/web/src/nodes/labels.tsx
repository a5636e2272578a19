import { labelWords } from "./node-words.ts";

/** Labels of a node, each in a frame of its own. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return (
    <span className="flex min-w-0 flex-wrap gap-1">
      {labelWords(labels).map((label) => (
        <span
          key={label}
          className="max-w-full truncate rounded-md border border-line bg-sunken px-1.5 text-xs leading-5 text-muted"
        >
          {label}
        </span>
      ))}
    </span>
  );
}
