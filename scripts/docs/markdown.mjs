import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import ini from "highlight.js/lib/languages/ini";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import yaml from "highlight.js/lib/languages/yaml";
import MarkdownIt from "markdown-it";
import { PATH_LINE } from "./code-blocks.mjs";

const LANGUAGES = { bash, sh: bash, ini, javascript, js: javascript, json, python, yaml };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/**
 * Renders the pages of a folder. `render(page)` gives `{ html, headings: [{ level, id, title }], sections }`, where a
 * section is `{ id, title, text }`: what the search looks through.
 */
export function createRenderer(folder) {
  const md = new MarkdownIt({ html: true, linkify: false, typographer: false });
  md.renderer.rules.fence = (tokens, index) => codeBlock(md, tokens[index]);
  md.renderer.rules.table_open = () => '<div class="table"><table>';
  md.renderer.rules.table_close = () => "</table></div>";
  md.renderer.rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    token.attrSet("href", siteLink(token.attrGet("href")));
    return self.renderToken(tokens, index, options);
  };
  md.renderer.rules.image = (tokens, index, _options, env) => {
    const token = tokens[index];
    return picture(
      join(folder, dirname(env.path), token.attrGet("src")),
      md.utils.escapeHtml(token.content),
    );
  };

  return (page) => {
    const tokens = md.parse(page.markdown.replaceAll(/<!--[\s\S]*?-->\n?/g, ""), {});
    const headings = nameHeadings(tokens);
    return {
      html: md.renderer.render(tokens, md.options, { path: page.path }),
      headings,
      sections: sectionsOf(tokens, page.title),
    };
  };
}

/** Pages link to each other as files; the site has them as HTML. */
export function siteLink(href) {
  const [path = "", anchor] = href.split("#");
  if (/^[a-z]+:/.test(href) || !path.endsWith(".md")) return href;
  return `${path.slice(0, -3)}.html${anchor === undefined ? "" : `#${anchor}`}`;
}

/** The address of one page as seen from another. */
export function relativeLink(from, to) {
  return posix.relative(posix.dirname(from), to) || posix.basename(to);
}

function codeBlock(md, token) {
  const [language = ""] = token.info.trim().split(/\s+/);
  const file = language === "sh" ? undefined : PATH_LINE.exec(token.content)?.[1];
  const text = file === undefined ? token.content : token.content.replace(PATH_LINE, "");
  const isKnown = Object.hasOwn(LANGUAGES, language);
  const html = isKnown
    ? hljs.highlight(text, { language }).value
    : md.utils.escapeHtml(text).replaceAll(/^\$ .*$/gm, '<b class="command">$&</b>');
  const caption = file === undefined ? "" : `<figcaption>${md.utils.escapeHtml(file)}</figcaption>`;
  const kind = language === "output" ? "output" : "code";
  return `<figure class="${kind}">${caption}<pre><code>${html}</code></pre></figure>\n`;
}

/** Inside the page a picture has the page's colours; its own style is for where it stands alone. */
function picture(path, alt) {
  const svg = readFileSync(path, "utf8")
    .replace(/<\?xml[^>]*\?>\s*/, "")
    .replace(/<style>[\s\S]*?<\/style>/, "")
    .replace("<svg ", `<svg role="img" aria-label="${alt}" `);
  return `<span class="picture">${svg}</span>`;
}

function nameHeadings(tokens) {
  const taken = new Map();
  const headings = [];
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const title = plain(tokens[index + 1]);
    const slug = slugOf(title);
    const count = taken.get(slug) ?? 0;
    taken.set(slug, count + 1);
    const id = count === 0 ? slug : `${slug}-${count}`;
    token.attrSet("id", id);
    headings.push({ level: Number(token.tag.slice(1)), id, title });
  });
  return headings;
}

/** As code forges make it, so that a link to a heading works there too. */
function slugOf(title) {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}

function plain(inline) {
  return inline.children
    .filter((token) => token.type === "text" || token.type === "code_inline")
    .map((token) => token.content)
    .join("");
}

function sectionsOf(tokens, title) {
  const sections = [{ id: "", title, text: "" }];
  tokens.forEach((token, index) => {
    if (token.type === "heading_open" && token.tag !== "h1") {
      sections.push({ id: token.attrGet("id"), title: plain(tokens[index + 1]), text: "" });
    } else if (token.type === "inline" && tokens[index - 1]?.type !== "heading_open") {
      sections.at(-1).text += ` ${plain(token)}`;
    } else if (token.type === "fence") {
      sections.at(-1).text += ` ${token.content}`;
    }
  });
  return sections.map((section) => ({
    ...section,
    text: section.text.replaceAll(/\s+/g, " ").trim(),
  }));
}
