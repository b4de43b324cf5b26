# Writes the documentation as pages. Sourced by samples/site and Tests/run.

# write_pages DIR BASE-PATH: the pages of every target that has a catalogue, as one site. A warning is a failure.
write_pages() {
  local catalogue
  local -a targets=()
  for catalogue in Sources/*/*.docc; do
    targets+=(--target "$(basename "$(dirname "$catalogue")")")
  done
  # The plug-in is in the package graph only here; what `swift test` has built is used again all the same.
  NNFMT_DOCC=1 swift package --disable-sandbox --allow-writing-to-directory "$1" \
    generate-documentation "${targets[@]}" --symbol-graph-minimum-access-level public --warnings-as-errors \
    --enable-experimental-combined-documentation --transform-for-static-hosting --hosting-base-path "$2" \
    --output-path "$1"
}
