// `npm run bench:nodes`: remote machines.
import { runBench } from "./bench-run.mjs";

runBench("nodes/main.mjs");
