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

# described_version FOLDER: the version of the commit in FOLDER: 1.2.3 where it has the tag v1.2.3, 1.2.3+14.gabc1234 fourteen commits
# later, 0.0.0+200.gabc1234 where no tag is.
described_version() {
  local described
  if described=$(git -C "$1" describe --tags --match 'v[0-9]*' 2>/dev/null); then
    sed -E 's/^v//; s/-([0-9]+-g[0-9a-f]+)$/+\1/; s/(\+[0-9]+)-/\1./' <<<"$described"
  elif described=$(git -C "$1" rev-parse --short HEAD 2>/dev/null); then
    echo "0.0.0+$(git -C "$1" rev-list --count HEAD).g$described"
  else
    echo development
  fi
}

# Package.swift reads it, in every call of `swift` after this.
export NNFMT_VERSION
NNFMT_VERSION=${NNFMT_VERSION:-$(described_version "$(dirname "${BASH_SOURCE[0]}")")}
