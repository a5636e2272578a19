/** A command to be typed. */
export function Command({ children }: { readonly children: string }) {
  return (
    <pre className="mt-4 inline-block max-w-full overflow-x-auto rounded-lg bg-sunken px-4 py-2 text-left font-mono text-[0.8125rem]">
      {children}
    </pre>
  );
}
