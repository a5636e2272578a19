/** The variables that Yardmaster gives to the processes of steps and sensors, and of calls on nodes; a server that one of them starts passes them by. */
export const STEP_VARIABLES = [
  "YARD_RUN_ID",
  "YARD_STEP",
  "YARD_ATTEMPT",
  "YARD_SESSION",
  "YARD_IDEMPOTENCY_KEY",
  "YARD_INPUT_FILE",
  "YARD_WORK",
  "YARD_PACK",
  "YARD_NODE_INSTANCE",
  "YARD_CALL_ID",
  "YARD_LEASE_ID",
  "YARD_SHELL",
  "YARD_SENSOR",
] as const;

/** What gives a variable is typed by this, so that the list has them all. */
export type StepVariable = (typeof STEP_VARIABLES)[number];
export type StepVariables = Readonly<Partial<Record<StepVariable, string>>>;
