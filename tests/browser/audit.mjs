// Has Lighthouse judge pages of the built site, and fails where one is worth less than it must be.
// Usage: node audit.mjs FOLDER_WITH_NODE_MODULES SITE
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize, resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const [modules, site] = process.argv.slice(2);
const from = createRequire(resolve(modules, "audit.mjs"));
const { default: lighthouse } = await import(from.resolve("lighthouse"));
const { launch } = await import(from.resolve("chrome-launcher"));

const PAGES = ["", "explainers/draft-process/", "claims/"];
const WANTED = { performance: 0.95, accessibility: 1, "best-practices": 1, seo: 1 };
const TIMES = 5;
const FLAGS = ["--headless", "--no-sandbox", "--disable-background-networking"];
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".xml": "application/xml",
};

/* Answer as those do who serve such sites: packed, and to be kept for ten minutes. */
async function serve({ url }, response) {
  const path = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname));
  const file = join(site, path.endsWith("/") ? `${path}index.html` : path);
  try {
    const content = await promisify(gzip)(await readFile(file));
    response.writeHead(200, {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      "Content-Encoding": "gzip",
      "Cache-Control": "max-age=600",
    });
    response.end(content);
  } catch {
    response.writeHead(404, { "Content-Type": "text/plain" });
    response.end("not found");
  }
}

const percent = (score) => Math.round(score * 100);

/* Judge a page: its scores, and what lost points, each with the category that it belongs to. */
async function judge(address, port) {
  const { lhr } = await lighthouse(address, { port, logLevel: "error" });
  if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
  const categories = Object.values(lhr.categories).filter(({ id }) => id in WANTED);
  const scores = Object.fromEntries(categories.map(({ id, score }) => [id, score ?? 0]));
  const lost = categories.flatMap(({ id, auditRefs }) =>
    auditRefs
      .filter(({ weight }) => weight > 0)
      .map(({ id: name }) => lhr.audits[name])
      .filter(({ score }) => score !== null && score < 1)
      .map((audit) => ({ category: id, ...audit })),
  );
  return { scores, lost };
}

/* What else a machine does can only make a page slower: the best of a few times counts. */
async function fair(address, port) {
  let best;
  for (let time = 0; time < TIMES; time++) {
    const judged = await judge(address, port);
    if (!best || judged.scores.performance > best.scores.performance) best = judged;
    if (best.scores.performance >= WANTED.performance) break;
  }
  return best;
}

function show({ category, id, title, displayValue = "", details }) {
  console.log(`  ${category}: ${id}: ${title} ${displayValue}`);
  for (const { node } of details?.items ?? []) if (node) console.log(`    ${node.snippet}`);
}

const server = createServer(serve);
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const chrome = await launch({ chromeFlags: FLAGS });
let failed = false;
try {
  console.log(`${"page".padEnd(28)} ${Object.keys(WANTED).join("  ")}`);
  for (const page of PAGES) {
    const { scores, lost } = await fair(
      `http://127.0.0.1:${server.address().port}/${page}`,
      chrome.port,
    );
    const columns = Object.keys(WANTED).map((id) => `${percent(scores[id])}`.padStart(id.length));
    console.log(`${(page || "home").padEnd(28)} ${columns.join("  ")}`);
    const low = Object.keys(WANTED).filter((id) => scores[id] < WANTED[id]);
    failed ||= low.length > 0;
    lost.filter(({ category }) => low.includes(category)).forEach(show);
  }
} finally {
  await chrome.kill();
  server.close();
}
process.exit(failed ? 1 : 0);
