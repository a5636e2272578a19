/** Lists, a page at a time: what their routes and stores share. */
export { idCursor, invalidCursor, type Page, pageOf, pageReply } from "./page.ts";
export { MAX_PAGE_BYTES, type RowsWithinBytes, readWithinBytes } from "./within-bytes.store.ts";
