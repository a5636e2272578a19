export { refuseIfMoved } from "./copy.ts";
