/** Makes the site of the pages in `source` in the folder `target`; gives the number of pages. */
export function buildSite(source: string, target: string): number;
