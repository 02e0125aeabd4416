// Builds dist/: styles, script, fonts and images under the hash of their content, packed with Brotli and gzip,
// and manifest.json: plain name → name with the hash. The program embeds the directory.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";
import * as sass from "sass";

// What a first visit may weigh, in bytes as sent (Brotli; fonts are packed by themselves); complete.js is not of a first visit.
const BUDGET = { "app.css": 14 * 1024, "app.js": 6 * 1024, "complete.js": 6 * 1024, fonts: 42 * 1024 };

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const manifest = {};
const sizes = {};

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "fonts"), { recursive: true });

function put(name, content, pack = true) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const hashed = name.replace(/(\.[a-z0-9]+)$/, `.${hash}$1`);
  writeFileSync(join(dist, hashed), bytes);
  sizes[name] = bytes.length;
  if (pack) {
    const brotli = brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
    writeFileSync(join(dist, `${hashed}.br`), brotli);
    writeFileSync(join(dist, `${hashed}.gz`), gzipSync(bytes, { level: 9 }));
    sizes[name] = brotli.length;
  }
  manifest[name] = hashed;
}

for (const font of readdirSync(join(root, "fonts")).filter((name) => name.endsWith(".woff2"))) {
  put(`fonts/${font}`, readFileSync(join(root, "fonts", font)), false);
}
for (const image of readdirSync(join(root, "images"))) {
  put(image, readFileSync(join(root, "images", image)), image.endsWith(".svg"));
}

const styles = sass.compile(join(root, "styles/app.scss"), { loadPaths: [root], style: "compressed", charset: false, quietDeps: true });
const css = await esbuild.transform(styles.css, { loader: "css", minify: true, target: ["chrome90", "firefox88", "safari14"] });
// Fonts lie beside the style sheet: relative addresses, with their hashes.
put("app.css", css.code.replace(/fonts\/[a-z0-9-]+\.woff2/g, (name) => manifest[name]));

// complete.js belongs to one page, which gives its address.
for (const name of ["app.js", "complete.js"]) {
  const script = await esbuild.build({
    entryPoints: [join(root, "scripts", name)],
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2021"],
    legalComments: "none",
    write: false,
  });
  put(name, script.outputFiles[0].contents);
}

writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2));

sizes.fonts = Object.entries(sizes).reduce((sum, [name, size]) => (name.startsWith("fonts/") ? sum + size : sum), 0);
let heavy = false;
for (const [name, size] of Object.entries(sizes)) {
  const budget = BUDGET[name];
  console.log(`${String(size).padStart(7)}  ${name}${budget ? ` (at most ${budget})` : ""}`);
  if (budget && size > budget) heavy = true;
}
if (heavy) {
  console.error("heavier than a first visit may be");
  process.exit(1);
}
