#!/usr/bin/env bash
# Builds the rig's user-mode Linux from Debian's kernel source: build-kernel.sh SOURCE.tar.xz RESULT
set -euo pipefail
source=$1 result=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "$result.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Large parts that are never built here; every menu is read even so, and stays.
tar --extract --xz --file "$source" --directory "$work" --strip-components 1 \
  --exclude '*/boot/dts' --exclude '*/drivers/gpu/drm/amd/include' --exclude '*/tools/testing'

# Saved registers with AMX take 11,008 bytes; 6.1 keeps 2,696, and on such hosts every process would die.
offsets="$work/arch/x86/um/user-offsets.c"
sed -i 's/\(HOST_FP_SIZE, \)2696)/\112288)/' "$offsets"
grep -q 'HOST_FP_SIZE, 12288' "$offsets"

build() { nice make --silent -C "$work" ARCH=um O="$work/built" -j"${FIRN_RIG_JOBS:-$(nproc)}" "$@"; }
build KCONFIG_ALLCONFIG="$here/kernel.config" allnoconfig >/dev/null
# A misspelt or renamed symbol is dropped without a word.
grep '^CONFIG_' "$here/kernel.config" | while read -r symbol; do
  grep -qx "$symbol" "$work/built/.config" || { echo "this kernel has no $symbol" >&2; exit 1; }
done
build linux
strip -o "$result.new" "$work/built/linux"
mv "$result.new" "$result"
