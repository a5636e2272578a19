import { relativeLink } from "./markdown.mjs";

/** One page of the site as HTML. It works from a server and from a folder: all addresses are relative. */
export function layout({ page, sections, rendered, neighbours }) {
  const own = `${page.path}.html`;
  const to = (path) => relativeLink(own, path);
  const nav = sections.map((section) => navSection(section, page, to)).join("\n");
  const contents = rendered.headings.filter(({ level }) => level === 2 || level === 3);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(page.path === "index" ? "Yardmaster" : `${page.title} · Yardmaster`)}</title>
<link rel="stylesheet" href="${to("site.css")}">
<script src="${to("site.js")}" data-root="${to("index.html").replace(/index\.html$/, "") || "./"}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<button class="menu" type="button" aria-label="Pages" aria-expanded="false">☰</button>
<a class="brand" href="${to("index.html")}">Yardmaster</a>
<div class="search" role="search">
<input type="search" placeholder="Search  /" aria-label="Search the docs" autocomplete="off" spellcheck="false">
<ol class="found" hidden></ol>
</div>
<a class="api" href="${to("api")}" data-server-only>API</a>
<button class="theme" type="button" aria-label="Light or dark">◐</button>
</header>
<div class="columns">
<nav class="pages" aria-label="Pages">
${nav}
</nav>
<main id="content">
<article>
${rendered.html}
</article>
${neighbourLinks(neighbours, to)}
</main>
${contents.length < 2 ? "" : contentsList(contents)}
</div>
</body>
</html>
`;
}

function navSection({ title, pages }, current, to) {
  const links = pages.map((page) => {
    const mark = page.path === current.path ? ' aria-current="page"' : "";
    const name = page.path === "index" ? "Yardmaster" : page.title;
    return `<li><a href="${to(`${page.path}.html`)}"${mark}>${escapeHtml(name)}</a></li>`;
  });
  const isOpen = title !== "Decisions" || pages.includes(current);
  return `<details${isOpen ? " open" : ""}><summary>${escapeHtml(title)}</summary><ul>${links.join("")}</ul></details>`;
}

function contentsList(headings) {
  const items = headings.map(
    ({ level, id, title }) =>
      `<li class="h${level}"><a href="#${id}">${escapeHtml(title)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><p>On this page</p><ul>${items.join("")}</ul></nav>`;
}

function neighbourLinks({ before, after }, to) {
  const link = (page, word, side) =>
    page === undefined
      ? "<span></span>"
      : `<a class="${side}" href="${to(`${page.path}.html`)}"><small>${word}</small>${escapeHtml(page.title)}</a>`;
  return `<nav class="neighbours" aria-label="Neighbouring pages">${link(before, "Before", "before")}${link(after, "Next", "after")}</nav>`;
}

function escapeHtml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
