#!/usr/bin/env python3
"""Cuts Noto Sans down to the letters of the portal's five languages.

Run by hand when the set of letters changes; the results are committed, because a build must not need Python.

    npm pack @expo-google-fonts/noto-sans@0.4.2 && tar xzf expo-google-fonts-noto-sans-0.4.2.tgz
    pip install fonttools brotli
    python3 web/fonts/subset.py package

writes web/fonts/*.woff2 (pages) and crates/documents/fonts/*.ttf (documents, archived as PDF/A and therefore with a
wider set: names of people and places may hold any Latin or Cyrillic letter of the region).
"""

import pathlib
import sys

from fontTools import subset

WEB = pathlib.Path(__file__).resolve().parent
DOCUMENTS = WEB.parent.parent / "crates" / "documents" / "fonts"

LATIN = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "\u00a0«»§©°·×±–—‘’“”„…№−•‰→←↗\u202f\u2009\u2011"
    + "ʻʼ"  # the apostrophes of Uzbek in both ways that people type them
    + "ÁáǴǵİıŃńÓóÚú"  # Karakalpak, 2016 alphabet
    + "ÇçĞğŞşÖöÜüÄäÉé"  # names of our neighbours and guests
)
CYRILLIC = (
    "".join(map(chr, range(0x410, 0x450)))
    + "ЁёЎўҚқҒғҲҳ"  # Uzbek
    + "ӘәҢңӨөҮүІі"  # Karakalpak and Kazakh
)
# Everything of Latin-1, Latin Extended-A and the Cyrillic block with its Turkic extension, and typographic marks.
DOCUMENT = (
    LATIN
    + CYRILLIC
    + "".join(map(chr, range(0xA1, 0x180)))
    + "".join(map(chr, range(0x400, 0x460)))
    + "".join(map(chr, range(0x490, 0x4FA)))
    + "‐‑‒–—―‚‹›†‡€₽™"
)


def cut(source: pathlib.Path, target: pathlib.Path, text: str, *, web: bool) -> None:
    options = subset.Options()
    options.layout_features = ["kern", "ccmp", "mark", "locl"] if not web else ["kern", "ccmp"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.flavor = "woff2" if web else None
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, str(target), options)
    print(f"{target.relative_to(WEB.parent.parent)}: {target.stat().st_size} bytes")


def main() -> None:
    package = pathlib.Path(sys.argv[1])

    def ttf(name: str) -> pathlib.Path:
        return package / name / f"NotoSans_{name}.ttf"

    for weight, name in (("400", "400Regular"), ("700", "700Bold")):
        cut(ttf(name), WEB / f"noto-sans-{weight}.woff2", LATIN + CYRILLIC, web=True)
    for style, name in (("Regular", "400Regular"), ("Bold", "700Bold"), ("Italic", "400Regular_Italic")):
        cut(ttf(name), DOCUMENTS / f"NotoSans-{style}.ttf", DOCUMENT, web=False)


if __name__ == "__main__":
    main()
