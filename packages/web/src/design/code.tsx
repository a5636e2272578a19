/** Words of a program in a sentence. */
export function Code({ children }: { readonly children: string }) {
  return <code className="font-mono text-[0.8125rem] text-ink wrap-anywhere">{children}</code>;
}
