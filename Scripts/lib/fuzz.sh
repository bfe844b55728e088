# shellcheck shell=bash
# The program that drives fuzz targets by libFuzzer: built apart from everything else, since coverage
# and the address sanitizer are in all of its code.

readonly FUZZ_BUILD=.build-fuzz

# build_fuzz: quiet when all is well, the end of the output when it is not.
build_fuzz() {
  local log=$FUZZ_BUILD/build.log
  mkdir -p "$FUZZ_BUILD"
  if ! TAPVS_FUZZ=1 swift build -c release --product fuzz --scratch-path "$FUZZ_BUILD" \
    -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address \
    -Xswiftc -use-ld=lld -Xswiftc -assert-config -Xswiftc Debug >"$log" 2>&1; then
    { grep -E 'error:' "$log" | head -n 20; tail -n 20 "$log"; } >&2
    return 1
  fi
}

# fuzz_program ARGUMENT...: one process that ends where it crashes; Swift's own backtracer would wait
# for a terminal.
fuzz_program() {
  SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16 \
    ASAN_SYMBOLIZER_PATH="$(dirname "$(readlink -f "$(command -v swiftc)")")/llvm-symbolizer" \
    "$FUZZ_BUILD/release/fuzz" "$@"
}

# fuzz_target TARGET SECONDS: one line, or what went wrong, where the input is, and how to repeat it.
fuzz_target() {
  local target=$1 corpus=$FUZZ_BUILD/corpus/$1 seeds=$FUZZ_BUILD/seeds/$1 found=$FUZZ_BUILD/found/$1
  local log=$FUZZ_BUILD/$1.log code=0 input
  mkdir -p "$corpus" "$seeds" "$found"
  fuzz_program seeds "$target" "$seeds"
  # Long inputs from the start: a short program says little to a director.
  fuzz_program "$target" -max_total_time="$2" -max_len=4096 -len_control=0 -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="$found/" "$corpus" "$seeds" >"$log" 2>&1 </dev/null || code=$?
  sed -n "s/^$target: /&/p" "$log"
  ((code != 0)) || return 0
  input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  complain "$target failed; the whole output is in $log"
  grep -E -A 12 'Fatal error|ERROR: (Address|lib)' "$log" | head -n 40 >&2 || true
  [[ -z $input ]] || complain "the input is kept; repeat it with: Scripts/fuzz $target --input $input"
  return 1
}
