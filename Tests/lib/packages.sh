# Installs Debian packages that are missing. Sourced by samples/quickstart and Tests/run.

# `needs PACKAGES COMMAND…`: if the command fails, the packages are missing.
needs() {
  local -a packages
  read -ra packages <<<"$1"
  shift
  "$@" >/dev/null 2>&1 || missing+=("${packages[@]}")
}

# What a toolchain of swift.org needs of Debian: libraries that its programs are linked with, a linker, the headers
# and start files of C and C++. `g++` brings the last three in the version of the Debian at hand.
swift_packages=(binutils-gold g++ libcurl4 libncurses6 libsqlite3-0 libxml2 tzdata)

# Swift must be there and work; if it does not work, packages are missing.
check_swift() {
  if ! command -v swift >/dev/null; then
    echo "There is no swift in PATH: install Swift 6.1 or later from https://www.swift.org/install" >&2
    return 1
  fi
  if ! swift_works; then
    swift_was_broken=1
    missing+=("${swift_packages[@]}")
  fi
}

# After the installation. What Swift says itself is shown if it still does not work.
check_swift_again() {
  if [[ -z ${swift_was_broken-} ]] || swift_works; then
    return
  fi
  echo "$swift_said" >&2
  echo "The Swift in PATH, $(command -v swift), does not work: see above. It needs at least" >&2
  echo "  ${swift_packages[*]} (Debian's names), and a build for this system: https://www.swift.org/install" >&2
  return 1
}

# Starts Swift, and builds and links a package of one line. Leaves in `swift_said` what went wrong.
swift_works() {
  local folder status=0
  folder=$(mktemp -d)
  mkdir "$folder/Sources"
  cat >"$folder/Package.swift" <<'END'
// swift-tools-version: 6.0
import PackageDescription
let package = Package(name: "one", targets: [.executableTarget(name: "one", path: "Sources")])
END
  echo 'import Foundation; print(Date.now)' >"$folder/Sources/main.swift"
  swift_said=$(swift --version 2>&1 && swift run --package-path "$folder" 2>&1) || status=$?
  rm -rf "$folder"
  return "$status"
}

# What the build needs beside Swift itself. Asks for what is used, not for how it was installed,
# so that other distributions and own builds of the libraries are content too.
check_build_packages() {
  # Without the certificates git can't fetch by https; Debian only recommends them.
  needs "git ca-certificates" command -v git
  needs pkg-config command -v pkg-config
  needs libhdf5-dev pkg-config --exists hdf5
  needs libdnnl-dev test -e /usr/include/oneapi/dnnl/dnnl.h
  needs libssl-dev pkg-config --exists libcrypto
  needs zlib1g-dev pkg-config --exists zlib
  needs libpng-dev pkg-config --exists libpng
  needs libturbojpeg0-dev pkg-config --exists libturbojpeg
  needs libfreetype-dev pkg-config --exists freetype2
  # What `nnfmt detect --draw` writes names with; any font does.
  needs fonts-dejavu-core some_font
}

some_font() {
  find /usr/share/fonts /usr/local/share/fonts /Library/Fonts -name '*.[to]t[fc]' 2>/dev/null | grep -q .
}

# Installs what the checks have put into `missing`; does nothing if that is empty.
install_missing() {
  if ((${#missing[@]} == 0)); then
    return
  fi
  local -a as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Missing: ${missing[*]}. Without root or sudo they can't be installed from here; as root, run:" >&2
      echo "  apt-get update && apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]} (Debian's names). This system has no apt-get: install them its own way." >&2
    return 1
  fi
  echo "Installing ${missing[*]}"
  local -a apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
  missing=()
}
