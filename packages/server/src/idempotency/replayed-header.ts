/** Of an answer: it is that of an earlier request under the same Idempotency-Key. */
export const REPLAYED_HEADER = "idempotency-replayed";
