# Installs Debian packages that are missing. Sourced by samples/quickstart and Tests/run.

# `needs PACKAGES COMMAND…`: if the command fails, the packages are missing.
needs() {
  local -a packages
  read -ra packages <<<"$1"
  shift
  "$@" >/dev/null 2>&1 || missing+=("${packages[@]}")
}

# What the build needs beside Swift itself. Asks for what is used, not for how it was installed,
# so that other distributions and own builds of the libraries are content too.
check_build_packages() {
  # Without the certificates git can't fetch by https; Debian only recommends them.
  needs "git ca-certificates" command -v git
  needs pkg-config command -v pkg-config
  needs libhdf5-dev pkg-config --exists hdf5
  needs libssl-dev pkg-config --exists libcrypto
  needs zlib1g-dev pkg-config --exists zlib
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
      echo "  apt-get install ${missing[*]}" >&2
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

check_swift() {
  if ! command -v swift >/dev/null; then
    echo "There is no swift in PATH: install Swift 6.1 or later from https://www.swift.org/install" >&2
    return 1
  fi
}
