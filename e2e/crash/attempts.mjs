/** All slots of a run's steps: a step, or each item of a for_each. */
export function slotsOf(steps) {
  return steps.flatMap(({ id, uses, status, output, error, attempts, items }) =>
    items === null
      ? [{ slot: id, uses, status, output, error, attempts }]
      : items.map((item) => ({ ...item, slot: `${id}#${item.index}`, uses })),
  );
}

/** What each ended attempt came to, and each ended slot: these may never change. */
export function resultsOf(steps) {
  return slotsOf(steps).flatMap(({ slot, status, output, attempts }) => [
    ...attempts
      .filter((attempt) => attempt.finished_at !== null)
      .map((attempt) => [
        `${slot}/${attempt.number}`,
        JSON.stringify([attempt.status, attempt.finished_at]),
      ]),
    ...(status === "success" || status === "failed"
      ? [[slot, JSON.stringify([status, output])]]
      : []),
  ]);
}
