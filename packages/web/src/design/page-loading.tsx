/** Stands where a page of one thing will be. */
export function PageLoading() {
  return (
    <div aria-busy="true" className="space-y-5">
      <p className="sr-only">Loading</p>
      <div className="h-8 w-64 motion-safe:animate-pulse rounded-lg bg-sunken" />
      <div className="h-64 motion-safe:animate-pulse rounded-xl bg-sunken" />
    </div>
  );
}
