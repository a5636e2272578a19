export { MIN_MASKED_CHARS } from "./forms.ts";
export { createMasker, MASK, type MaskedStream, type Masker } from "./masker.ts";
