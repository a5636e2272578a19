/** Lists, a page at a time: what their routes and stores share. */
export { idCursor, invalidCursor, type Page, pageOf, pageReply } from "./page.ts";
