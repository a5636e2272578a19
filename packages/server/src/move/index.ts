export { refuseIfMoved } from "./moved.ts";
