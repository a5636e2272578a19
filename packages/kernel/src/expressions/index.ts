export { compileExpression } from "./compile-expression.ts";
export type {
  CheckedTemplate,
  Clause,
  Compiled,
  CompileError,
  Evaluated,
  Expectation,
  Expression,
  ExpressionError,
  Scope,
  Template,
  TypeEnvironment,
} from "./expression.ts";
export { type Judgement, judge } from "./judge.ts";
export { MAX_EXPRESSION_BYTES, MAX_TEMPLATE_BYTES } from "./limits.ts";
export { misfitsOf } from "./misfits.ts";
export { type FunctionEntry, functionReference } from "./reference.ts";
export { compileTemplate } from "./template.ts";
