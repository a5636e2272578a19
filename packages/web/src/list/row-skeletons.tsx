const SKELETONS = Array.from({ length: 8 }, (_, index) => index);

/** Stands where the rows of a list will be. */
export function RowSkeletons() {
  return SKELETONS.map((index) => (
    <li
      key={index}
      aria-hidden
      className="flex items-center gap-6 border-line px-4 py-3 not-last:border-b"
    >
      <span className="h-6 w-24 motion-safe:animate-pulse rounded-full bg-sunken max-sm:hidden" />
      <span className="flex-1 space-y-1.5 py-0.5">
        <span className="block h-3 w-40 motion-safe:animate-pulse rounded bg-sunken" />
        <span className="block h-3 w-24 motion-safe:animate-pulse rounded bg-sunken" />
      </span>
      <span className="h-3 w-16 motion-safe:animate-pulse rounded bg-sunken" />
    </li>
  ));
}
