/** What became of an event: `gone` when the run has ended or never was. */
export type Posted = "applied" | "late" | "gone";
