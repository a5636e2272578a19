import type { ReactNode } from "react";

const TONES = {
  bad: "bg-bad-soft text-bad",
  warn: "bg-warn-soft text-warn",
  plain: "bg-sunken text-muted",
} as const;

interface NoticeProps {
  readonly tone: keyof typeof TONES;
  readonly children: ReactNode;
}

export function Notice({ tone, children }: NoticeProps) {
  return (
    <div className={`rounded-lg px-3 py-2 wrap-break-word whitespace-pre-wrap ${TONES[tone]}`}>
      {children}
    </div>
  );
}
