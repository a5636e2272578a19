import type { ButtonHTMLAttributes } from "react";

const KINDS = {
  primary: "bg-accent text-card hover:opacity-90 border-transparent",
  plain: "bg-card border-line hover:bg-hover",
  danger: "bg-card border-line text-bad hover:bg-bad-soft",
  quiet: "border-transparent text-muted hover:bg-hover hover:text-ink",
} as const;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: keyof typeof KINDS;
}

export function Button({ kind = "plain", className = "", type, ...rest }: ButtonProps) {
  return (
    <button type={type ?? "submit"} className={`${buttonLook(kind)} ${className}`} {...rest} />
  );
}

/** Also of a link that stands among buttons. */
export function buttonLook(kind: keyof typeof KINDS): string {
  return `inline-flex min-h-8 items-center justify-center gap-1.5 rounded-lg border px-3 py-1 font-medium transition-colors disabled:opacity-50 ${KINDS[kind]}`;
}
