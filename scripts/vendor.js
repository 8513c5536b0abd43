/**
 * The libraries of the pages, each as one ES module with its licence in front.
 *
 * The pages have no build step and load nothing from elsewhere, so that what they run is what is in the repository.
 * `scripts/vendor` writes the modules, their types and style sheets; `scripts/vendor --check` writes nothing and fails
 * where a file differs from what the locked packages give.
 */
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const VENDOR = path.join(ROOT, "frontend_static", "vendor");
const MODULES = path.join(ROOT, "node_modules");

/**
 * @typedef {object} Library A module to make.
 * @property {string} name File name without its ending.
 * @property {string} package The npm package it comes from.
 * @property {string} entry What the module gives, as an ES module of its own; it is also the module's types.
 * @property {string[]} licences Licence files below node_modules, in the order in which they are shown.
 * @property {boolean} minify Whether to shorten: libraries that read well stay readable.
 * @property {[string, string][]} [copies] Further files: source below node_modules, name in the vendor folder.
 */

/** @type {Library[]} */
const LIBRARIES = [
  {
    name: "noble-hashes",
    package: "@noble/hashes",
    entry: `export { keccak_256 } from "@noble/hashes/sha3.js";\n`,
    licences: ["@noble/hashes/LICENSE"],
    minify: false,
  },
  {
    name: "noble-curves",
    package: "@noble/curves",
    entry: `export { secp256k1 } from "@noble/curves/secp256k1.js";\n`,
    licences: ["@noble/curves/LICENSE"],
    minify: false,
  },
  {
    name: "lit",
    package: "lit",
    entry: [
      `export * from "lit";`,
      ...["class-map", "if-defined", "keyed", "live", "ref", "repeat", "style-map", "when"].map(
        (directive) => `export * from "lit/directives/${directive}.js";`,
      ),
      "",
    ].join("\n"),
    licences: ["lit/LICENSE"],
    minify: true,
  },
  {
    name: "uplot",
    package: "uplot",
    entry: `export { default } from "uplot";\n`,
    licences: ["uplot/LICENSE"],
    minify: true,
    copies: [["uplot/dist/uPlot.min.css", "uplot.css"]],
  },
];

/** @param {string} file Path below node_modules. */
function readModule(file) {
  return fs.readFileSync(path.join(MODULES, file), "utf8");
}

/**
 * @param {Library} library
 * @returns {string} Name, version and the whole licence, as one comment.
 */
function licenceHeader(library) {
  const { version } = JSON.parse(readModule(`${library.package}/package.json`));
  const text = library.licences.map((file) => readModule(file).trim()).join("\n\n");
  const lines = [`${library.package} ${version}, as one module: made by scripts/vendor, not to be edited.`, "", ...text.split(/\r?\n/)];
  return `/*!\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

/**
 * @param {Library} library
 * @returns {Promise<[string, string][]>} Name and text of each file that stands for the library.
 */
async function render(library) {
  const result = await build({
    stdin: { contents: library.entry, resolveDir: ROOT, sourcefile: `${library.name}.js` },
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    conditions: ["production"],
    minify: library.minify,
    legalComments: "none",
  });
  const header = licenceHeader(library);
  const types = `// Types of ${library.name}.js, by scripts/vendor.\n${library.entry}`;
  return [
    [`${library.name}.js`, header + result.outputFiles[0].text],
    [`${library.name}.d.ts`, types],
    ...(library.copies ?? []).map(
      ([source, name]) => /** @type {[string, string]} */ ([name, header + readModule(source).trimEnd() + "\n"]),
    ),
  ];
}

/** @param {[string, string][]} files */
function findDifferences(files) {
  const names = new Set(files.map(([name]) => name));
  const strays = fs.existsSync(VENDOR) ? fs.readdirSync(VENDOR).filter((name) => !names.has(name)) : [];
  const changed = files
    .filter(([name, text]) => {
      const file = path.join(VENDOR, name);
      return !fs.existsSync(file) || fs.readFileSync(file, "utf8") !== text;
    })
    .map(([name]) => name);
  return [
    ...changed.map((name) => `frontend_static/vendor/${name} is not what the locked package gives`),
    ...strays.map((name) => `frontend_static/vendor/${name} comes from no package that scripts/vendor.js names`),
  ];
}

const argumentsGiven = process.argv.slice(2);
const check = argumentsGiven.includes("--check");
const unknown = argumentsGiven.filter((argument) => argument !== "--check");
if (unknown.length > 0) {
  console.error(`scripts/vendor: ${unknown.join(" ")} is no option; --check is the only one`);
  process.exit(2);
}
const files = (await Promise.all(LIBRARIES.map(render))).flat();
if (check) {
  const differences = findDifferences(files);
  for (const difference of differences) console.error(`${difference}; run scripts/vendor`);
  process.exit(differences.length > 0 ? 1 : 0);
}
fs.mkdirSync(VENDOR, { recursive: true });
for (const [name, text] of files) fs.writeFileSync(path.join(VENDOR, name), text);
