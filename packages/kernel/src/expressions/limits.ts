/** Length of one expression's text (docs/limits.md). */
export const MAX_EXPRESSION_BYTES = 4 * 1_024;
/** Length of all the strings with expressions in one template. */
export const MAX_TEMPLATE_BYTES = 64 * 1_024;
/** How deep lists and maps may nest in a template, and in a value that an expression makes. */
export const MAX_VALUE_DEPTH = 64;
/** Nodes of one expression. It also bounds the recursion of everything that walks one. */
export const MAX_NODES = 1_000;
/** How deep parentheses, calls, indexes and literals may nest. */
export const MAX_NESTING = 64;
/** Elements of one list or map literal. */
export const MAX_LITERAL_ELEMENTS = 500;
/** Steps of one evaluation, or of one template: about 0.1 s at worst. A node in a macro's body is a step per item. */
export const MAX_STEPS = 500_000;
/** Characters and list elements that one evaluation may make on its way. */
export const MAX_ALLOCATED = 4 * 1_024 * 1_024;
/** Size of a result as JSON text, about: that of a run's input and a step's output. */
export const MAX_RESULT = 1_024 * 1_024;
/** Length of a pattern. */
export const MAX_PATTERN = 1_000;
/** Instructions that a pattern comes to, with its counted repeats written out. */
export const MAX_INSTRUCTIONS = 2_000;
/** Length of a layout of times. */
export const MAX_LAYOUT = 200;
