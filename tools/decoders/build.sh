#!/bin/sh
# Builds resources/decoders/decoders.wasm. Needs clang and wasm-ld with a wasm32-wasi C library
# (Debian: clang lld wasi-libc libclang-rt-14-dev-wasm32) and the source of miniaudio 0.11.22:
#   tools/decoders/build.sh <folder with miniaudio.h and extras/stb_vorbis.c>
set -eu
source=$1
here=$(dirname "$0")
echo "9019743287e443c55e5737a7297f38e5e358561701d6db2d905afb114390c410  $source/miniaudio.h
4c7cb2ff1f7011e9d67950446b7eb9ca044f2e464d76bfbb0b84dd2e23e65636  $source/extras/stb_vorbis.c" | sha256sum --check --quiet
# miniaudio includes pthread.h even where threads are turned off, and a wasm32-wasi C library has none
stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT
echo "typedef int pthread_t, pthread_mutex_t, pthread_cond_t;" > "$stubs/pthread.h"
clang --target=wasm32-wasi -O2 -w -DNDEBUG -mexec-model=reactor -ffunction-sections -fdata-sections \
  -I "$stubs" -I "$source" -Wl,--gc-sections -Wl,--strip-all -Wl,--max-memory=2147483648 \
  -o "$here/../../resources/decoders/decoders.wasm" "$here/decoders.c"
