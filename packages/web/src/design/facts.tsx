import type { ReactNode } from "react";

/** Names with what they are, in two columns: `Fact`s. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="grid grid-cols-[6rem_1fr] gap-x-3 gap-y-1.5 px-4 py-3">{children}</dl>;
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </>
  );
}
