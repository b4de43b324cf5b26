# Writes the documentation as pages. Sourced by samples/site and Tests/run.

# write_pages DIR BASE-PATH: the pages of every target that has a catalogue, as one site. A warning is a failure.
write_pages() {
  local catalogue
  local -a targets=()
  for catalogue in Sources/*/*.docc; do
    targets+=(--target "$(basename "$(dirname "$catalogue")")")
  done
  # A scratch folder of its own: the plug-in is in the package graph only here.
  NNFMT_DOCC=1 swift package --scratch-path .build-docc --allow-writing-to-directory "$1" --disable-sandbox \
    generate-documentation "${targets[@]}" --warnings-as-errors --enable-experimental-combined-documentation \
    --transform-for-static-hosting --hosting-base-path "$2" --output-path "$1"
}
