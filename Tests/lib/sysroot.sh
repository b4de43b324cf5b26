# The libraries of Debian 11, which a release is compiled and linked with. Sourced by samples/release.

# Of Debian 11, because a program that is linked with its glibc starts with every later one, too. Of oneDNN the headers of
# version 3 alone, whose library is opened when something is computed.
sysroot_packages=(libc6 libc6-dev linux-libc-dev libgcc-10-dev gcc-10-base libstdc++-10-dev
  libhdf5-dev zlib1g-dev libaec-dev libssl-dev libpng-dev libturbojpeg0-dev libfreetype-dev libbrotli-dev)
onednn_packages="libdnnl3.6 of Debian 13, libdnnl3 of Ubuntu 24.04"

# make_sysroot FOLDER: makes the folder if it is not there, and sets `sysroot_flags` for `swift build`.
make_sysroot() {
  local toolchain
  toolchain=$(realpath "$(dirname "$(realpath "$(command -v swift)")")/..")
  sysroot_flags=(--sdk "$1" --pkg-config-path "$1/pkgconfig" -Xswiftc -sdk -Xswiftc "$1"
    -Xswiftc -Xclang-linker -Xswiftc -static-libgcc -Xlinker "$1/missing.o"
    -Xlinker -lbrotlidec -Xlinker -lbrotlicommon -Xlinker -lsz -Xlinker -laec -Xlinker -ldl -Xlinker -lpthread)
  if [[ -e $1/complete ]]; then return; fi
  echo "Fetching the libraries of Debian 11 (16 MB)"
  rm -rf "$1"
  mkdir -p "$1/pkgconfig" "$1/usr/lib"
  fetch_packages "$1" "debian bullseye" "debian-security bullseye-security" -- "${sysroot_packages[@]}"
  fetch_packages "$1" "debian trixie" -- libdnnl-dev
  relink "$1"
  ln -s "$toolchain/lib/swift" "$toolchain/lib/swift_static" "$1/usr/lib/"

  # pkg-config's files name folders of the system. libhdf5 is found under its other name, and the names of shared
  # libraries lead nowhere without their packages, so that the static ones are taken.
  local name
  for name in hdf5-serial zlib libcrypto libpng libpng16 libturbojpeg freetype2 libbrotlidec libbrotlicommon; do
    sed -E "s#(=|-I|-L)/usr#\\1$1/usr#g" "$1/usr/lib/x86_64-linux-gnu/pkgconfig/$name.pc" >"$1/pkgconfig/${name%-serial}.pc"
  done

  # Swift's libraries are made with a newer libstdc++, and need this function of it.
  "$toolchain/bin/clang++" --sysroot "$1" -O2 -x c++ -c - -o "$1/missing.o" <<'CODE'
#include <new>
namespace std {
void __throw_bad_array_new_length() { throw bad_array_new_length(); }
}
CODE
  touch "$1/complete"
}

# fetch_packages FOLDER "ARCHIVE SUITE"… -- PACKAGE…: unpacks Debian's packages there. Uses no setting of this system's but
# the keys of Debian's archive, which must have signed them.
fetch_packages() {
  local folder=$1 keys=/usr/share/keyrings/debian-archive-keyring.gpg work package
  shift
  if [[ ! -e $keys ]]; then
    echo "There is no $keys: install debian-archive-keyring" >&2
    return 1
  fi
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages"
  while [[ $1 != -- ]]; do
    echo "deb [signed-by=$keys] http://deb.debian.org/${1% *} ${1#* } main" >>"$work/sources.list"
    shift
  done
  shift
  local -a apt=(apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$work/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$work/cache"
    -o APT::Sandbox::User= -o APT::Architecture=amd64 -o APT::Architectures::=amd64)
  "${apt[@]}" update
  (cd "$work/packages" && "${apt[@]}" download "$@")
  for package in "$work/packages"/*.deb; do
    dpkg-deb -x "$package" "$folder"
    dpkg-deb -f "$package" Package Version | paste -sd ' ' | sed -E 's/(Package|Version): //g' >>"$folder/packages"
  done
  rm -rf "$work"
}

# Links from the root of a system lead to its own files, wherever the folder is.
relink() {
  local link
  find "$1" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    ln -sfn "$(realpath -ms --relative-to "$(dirname "$link")" "$1$(readlink "$link")")" "$link"
  done
}

# needed_glibc BINARY: the version of glibc that a binary needs. Fails if Debian 11's is older, or if it needs other libraries.
needed_glibc() {
  local others version
  others=$(objdump -p "$1" | sed -nE 's/^ *NEEDED +//p' | grep -vxE 'lib(c|m|dl|pthread|util|rt)\.so\.[0-9]|ld-linux-x86-64\.so\.2' || true)
  version=$(objdump -T "$1" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -1)
  version=${version#GLIBC_}
  if [[ -n $others || $(printf '%s\n' "$version" 2.31 | sort -V | tail -1) != 2.31 ]]; then
    echo "$1 needs glibc $version, and ${others:-no other library}: it would not start on Debian 11" >&2
    return 1
  fi
  echo "$version"
}

# notices VERSION SYSROOT: whose work is linked in, with the terms of each.
notices() {
  local package
  echo "nnfmt $1 contains, beside its own code, parts of these works. Where the terms of Debian's packages name a file in"
  echo "/usr/share/common-licenses, Debian has it; https://www.debian.org/legal/licenses/ shows them."
  title "Swift's libraries: $(swift --version 2>/dev/null | head -1)"
  cat "$2/usr/lib/swift/../../share/swift/LICENSE.txt"
  title "Swift Argument Parser, $(git -C "$out/checkouts/swift-argument-parser" describe --tags 2>/dev/null || true)"
  cat "$out/checkouts/swift-argument-parser/LICENSE.txt"
  for package in libhdf5-dev zlib1g-dev libaec-dev libssl-dev libpng-dev libturbojpeg0-dev libfreetype-dev libbrotli-dev gcc-10-base libc6-dev; do
    title "$(grep "^$package " "$2/packages"), a package of Debian's"
    cat "$2/usr/share/doc/$package/copyright"
  done
}

title() { printf '\n%s\n%s\n\n' "$(printf '=%.0s' {1..80})" "$1"; }
