import { useRefs } from "./use-refs.ts";

/** What can be run, as the choices of an input (`list={id}`). */
export function RefOptions({ id }: { readonly id: string }) {
  return (
    <datalist id={id}>
      {useRefs().map((ref) => (
        <option key={ref} value={ref} />
      ))}
    </datalist>
  );
}
