export { type Ending, endingOfProblem } from "./ending.ts";
export { deleteOldKeptAnswers, type StoredAnswer } from "./kept-answers.store.ts";
export { createKeptAnswers, type KeptAnswers, type KeyedRequest } from "./kept-answers.ts";
export { keyMismatch } from "./key-mismatch.ts";
export { REPLAYED_HEADER } from "./replayed-header.ts";
