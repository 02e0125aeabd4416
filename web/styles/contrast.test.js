// Every pair of colours that words are set in, measured by WCAG 2.2 in each theme.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const source = readFileSync(new URL("_tokens.scss", import.meta.url), "utf8");

function theme(name) {
  const body = source.match(new RegExp(`@mixin ${name} \\{([^}]*)\\}`))[1];
  const own = Object.fromEntries([...body.matchAll(/--([a-z-]+): (#[0-9a-f]{3,6});/g)].map(([, key, value]) => [key, value]));
  return body.includes("@include dark") ? { ...theme("dark"), ...own } : own;
}

function luminance(hex) {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/g, "$&$&") : hex;
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(full.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

// [words, ground, at least]: 7 = AAA for running text, 4.5 = AA, 3 = edges of controls.
const PAIRS = [
  ...["paper", "surface", "tint"].flatMap((ground) => [["ink", ground, 7], ["muted", ground, 7], ["accent", ground, 5.5], ["edge", ground, 3]]),
  ["on-accent", "accent", 5.5],
  ["on-accent", "accent-strong", 5.5],
  ["on-brand", "brand", 7],
  ["on-brand-soft", "brand", 7],
  ["on-brand-soft", "brand-deep", 7],
  ["gold", "brand", 3],
  ["focus", "focus-ink", 4.5],
  ...["ok", "warn", "bad", "info"].flatMap((state) => [[state, `${state}-tint`, 5.5], [state, "surface", 5.5], ["ink", `${state}-tint`, 7]]),
  ["surface", "info", 5.5],
];

for (const name of ["light", "dark", "contrast"]) {
  test(`words can be read in the ${name} theme`, () => {
    const colours = theme(name);
    for (const [words, ground, least] of PAIRS) {
      const found = contrast(colours[words], colours[ground]);
      assert.ok(found >= least, `${words} on ${ground}: ${found.toFixed(2)}, at least ${least}`);
    }
  });
}
