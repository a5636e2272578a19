// `npm run bench`: Yardmaster beside its rivals.
import { runBench } from "./bench-run.mjs";

runBench("main.mjs");
