/**
 * The columns by which attempts in `dispatch` have their turn: the best priority, the oldest run, and of a run the shortest
 * slot, so that item 2 comes before item 10. The indexes of what is ready end in the same columns.
 */
export const byTurn = (table: string): string =>
  `${table}.priority, ${table}.run_id, length(${table}.slot), ${table}.slot`;
