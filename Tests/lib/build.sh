# Builds the command as it is released. Sourced by samples/quickstart, samples/install and Tests/run.

# Finding and joining the dozen libraries of Swift's takes 3 of the 12 ms of `nnfmt --version`, so they are linked in. This
# stands here and not in Package.swift, because a package with flags of its own can't be another's dependency.
release_flags=()
if [[ $(uname) == Linux ]]; then
  # The two libraries are what the static FoundationEssentials needs, which ArgumentParser uses. Swift's own linker, because
  # the system's warns of a function in it.
  release_flags=(--static-swift-stdlib -Xlinker -l_FoundationCollections -Xlinker -l_FoundationCShims
    -Xswiftc -use-ld=lld)
fi

# build_release PRODUCT…; not all there is, because Swift's library of tests can't be linked in.
build_release() {
  local product
  for product in "$@"; do
    swift build -c release "${release_flags[@]}" --product "$product" || return
  done
}

# Where `build_release` has put the command.
release_binary() {
  local binary
  binary=$(swift build -c release --show-bin-path)/nnfmt
  if [[ ! -x $binary ]]; then
    echo "no $binary: it has not been built" >&2
    return 1
  fi
  echo "$binary"
}
