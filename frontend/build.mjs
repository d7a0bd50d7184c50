// Puts the third-party CSS and fonts that the pages use into static/vendor/: tokens.css (the font and those tokens that are
// referred to) and components.css. Run by `make setup`; the output is not committed. Own CSS is read only for its tokens.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const ownStyles = join(here, "..", "static");
const target = join(ownStyles, "vendor");
const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

const FONT = "@fontsource-variable/source-sans-3";
const TOKENS = "@nl-design-system-unstable/voorbeeld-design-tokens";
const SCRIPTS = ["latin", "latin-ext"]; // names of pupils have letters beyond latin-1

function read(...path) {
  return readFileSync(join(modules, ...path), "utf8");
}

/** The one CSS file of a component package; the three families of packages each have their own place for it. */
function styles(name) {
  const places = [join("dist", "index.css"), join("dist", `${name.split("/")[1].replace(/-css$/, "")}.css`)];
  const found = places.find((place) => existsSync(join(modules, name, place)));
  if (!found) throw new Error(`${name}: no CSS at ${places.join(" or ")}`);
  return read(name, found);
}

function squeeze(css) {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/@charset[^;]+;/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

function referredTo(css) {
  return [...css.matchAll(/var\(\s*(--[\w-]+)/g)].map((match) => match[1]);
}

/** Of the thousands of tokens of the theme only those that the CSS refers to, directly or through another token. */
function usedTokens(theme, css) {
  const declared = new Map([...theme.matchAll(/^\s*(--[\w-]+):\s*([^;]+);/gm)].map((match) => [match[1], match[2]]));
  const used = new Set();
  const queue = referredTo(css);
  while (queue.length) {
    const name = queue.pop();
    if (used.has(name) || !declared.has(name)) continue;
    used.add(name);
    queue.push(...referredTo(declared.get(name)));
  }
  const lines = [...declared].filter(([name]) => used.has(name)).map(([name, value]) => `${name}:${squeeze(value)}`);
  return `.voorbeeld-theme{${lines.join(";")}}`;
}

function fontFaces() {
  const blocks = read(FONT, "wght.css").split("@font-face").slice(1);
  const wanted = blocks.filter((block) => SCRIPTS.some((script) => block.includes(`-${script}-wght-normal.woff2`)));
  if (wanted.length !== SCRIPTS.length) throw new Error(`${FONT}: its scripts are not where they were`);
  return wanted.map((block) => squeeze(`@font-face${block}`).replaceAll("./files/", "").replace(" Variable", "")).join("");
}

function ownCss(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".css") && !name.startsWith("vendor"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

function copyLicence(name, into) {
  const file = readdirSync(join(modules, name)).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  if (file) cpSync(join(modules, name, file), join(into, `${name.replaceAll(/[@]/g, "").replaceAll("/", "-")}.txt`));
}

const components = Object.keys(dependencies).filter((name) => ![FONT, TOKENS].includes(name));
const css = components.map(styles).map(squeeze).join("\n");
const tokens = usedTokens(read(TOKENS, "dist", "theme.css"), css + ownCss(ownStyles));
const notice =
  "/*! Source Sans 3 (OFL-1.1) and NL Design System: Voorbeeld tokens, components of Utrecht, Den Haag and candidates (EUPL-1.2). " +
  "See licences/. */";

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "licences"), { recursive: true });
writeFileSync(join(target, "tokens.css"), [notice, fontFaces(), tokens].join("\n"));
writeFileSync(join(target, "components.css"), [notice, css].join("\n"));
for (const script of SCRIPTS) {
  const font = `source-sans-3-${script}-wght-normal.woff2`;
  cpSync(join(modules, FONT, "files", font), join(target, font));
}
for (const name of Object.keys(dependencies)) copyLicence(name, join(target, "licences"));
