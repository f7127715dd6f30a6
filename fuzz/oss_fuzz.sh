#!/usr/bin/env bash
# Builds every fuzz target the way that OSS-Fuzz asks for: with its compiler, flags and engine ($CC, $CXX, $CFLAGS,
# $CXXFLAGS, $LIB_FUZZING_ENGINE) into $OUT, each with its seeds ($OUT/TARGET_seed_corpus.zip), its dictionary
# ($OUT/TARGET.dict) and the shared libraries that it needs ($OUT/lib). By hand:
#   OUT=/tmp/out CC=clang-19 CXX=clang++-19 CFLAGS="-O1 -fsanitize=address,fuzzer-no-link" CXXFLAGS="$CFLAGS" \
#     LIB_FUZZING_ENGINE=-fsanitize=fuzzer fuzz/oss_fuzz.sh
set -euo pipefail
cd "$(dirname "$0")/.."
: "${OUT:?}" "${CC:?}" "${CXX:?}" "${LIB_FUZZING_ENGINE:?}"
scripts/setup
mkdir -p "$OUT/lib"
build=${WORK:-build}/oss-fuzz
# The engine's own instrumentation comes with the flags. What is linked is looked for beside the targets.
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DREMIT_FUZZ=ON \
  -DREMIT_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" -DCMAKE_C_FLAGS="${CFLAGS:-}" -DCMAKE_CXX_FLAGS="${CXXFLAGS:-}" \
  -DCMAKE_CXX_FLAGS_DEBUG=-g1 -DCMAKE_BUILD_RPATH='$ORIGIN/lib' >/dev/null
targets=()
for source in fuzz/*_fuzz.cpp; do targets+=("$(basename "$source" .cpp)"); done
cmake --build "$build" --target fuzz_images "${targets[@]}"

for target in "${targets[@]}"; do
  name=${target%_fuzz}
  cp "$build/bin/$target" "$OUT/"
  cp "fuzz/dictionaries/$name.dict" "$OUT/$target.dict"
  seeds=("fuzz/corpus/$name")
  [ "$name" = source ] && seeds+=(fuzz/corpus/image stdlib)
  [ "$name" = image ] && seeds=("$build/fuzz/images")
  python3 - "$OUT/${target}_seed_corpus.zip" "${seeds[@]}" <<'PYTHON'
import pathlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as seeds:
    for file in sorted(file for folder in sys.argv[2:] for file in pathlib.Path(folder).rglob("*") if file.is_file()):
        seeds.write(file, "-".join(file.parts))
PYTHON
  # All but what the C library's own loader brings.
  ldd "$build/bin/$target" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | grep -vE '/(libc|libm|libdl|libpthread|librt|libgcc_s|ld-linux[^/]*)\.so' | xargs -r cp -n -t "$OUT/lib"
done
