#!/bin/sh
# Draws every icon again from icon.svg. Needs rsvg-convert, icotool and python3
# (Debian: librsvg2-bin, icoutils). An .icns file is a row of named PNG images.
set -eu
cd "$(dirname "$0")"
for size in 32 128 512; do rsvg-convert -w "$size" -h "$size" icon.svg -o "$size.png"; done
rsvg-convert -w 256 -h 256 icon.svg -o 256.png
icotool --create --output=icon.ico 32.png --raw=256.png
python3 - <<'PYTHON'
import struct
parts = b""
for kind, name in ((b"ic07", "128.png"), (b"ic09", "512.png")):
    image = open(name, "rb").read()
    parts += kind + struct.pack(">I", len(image) + 8) + image
open("icon.icns", "wb").write(b"icns" + struct.pack(">I", len(parts) + 8) + parts)
PYTHON
mv 32.png 32x32.png && mv 128.png 128x128.png && mv 512.png icon.png && rm 256.png
