import type { Look } from "./look.ts";

interface BadgeProps {
  readonly look: Look;
  readonly className?: string;
}

export function LookIcon({ look: { icon, ink }, className = "" }: BadgeProps) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`size-4 shrink-0 fill-none stroke-current stroke-[1.8] ${ink} ${className}`}
    >
      <path d={icon} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

/** A status as a word with its shape and colour. */
export function Badge({
  look,
  className = "",
  iconClassName = "",
}: BadgeProps & { readonly iconClassName?: string }) {
  const { word, ink, soft } = look;
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full py-0.5 pr-2.5 pl-1.5 font-medium whitespace-nowrap ${soft} ${ink} ${className}`}
    >
      <LookIcon look={look} className={`size-3.5 ${iconClassName}`} />
      {word}
    </span>
  );
}
