/** A work in steps: who carries it out may see to something else after each. */
export type InSteps<T> = Generator<undefined, T>;
