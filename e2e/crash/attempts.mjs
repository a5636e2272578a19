/** All slots of a run's steps: a step, or each item of a for_each; and what undoes each. */
export function slotsOf(steps) {
  return steps
    .flatMap((step) =>
      step.items === null
        ? [{ ...step, slot: step.id }]
        : step.items.map((item) => ({
            ...item,
            slot: `${step.id}#${item.index}`,
            uses: step.uses,
          })),
    )
    .flatMap((slot) =>
      slot.undo === undefined ? [slot] : [slot, { ...slot.undo, slot: `${slot.slot}~undo` }],
    );
}

/** What each ended attempt came to, and each ended slot: these may never change. */
export function resultsOf(steps) {
  return slotsOf(steps).flatMap(({ slot, status, output, files, attempts }) => [
    ...attempts
      .filter((attempt) => attempt.finished_at !== null)
      .map((attempt) => [
        `${slot}/${attempt.number}`,
        JSON.stringify([attempt.status, attempt.finished_at]),
      ]),
    ...(status === "success" || status === "failed"
      ? [[slot, JSON.stringify([status, output, files])]]
      : []),
  ]);
}
