# The Debian package of a release. Sourced by samples/release.

# make_deb ROOT VERSION GLIBC FOLDER: completes the files under ROOT and packs them into FOLDER.
make_deb() {
  local doc=$1/usr/share/doc/nnfmt maintainer
  maintainer=$(git log -1 --format='%an <%ae>')
  gzip -9n "$1"/usr/share/man/man1/*
  gzip -9n >"$doc/changelog.gz" <<TEXT
nnfmt ($2) stable; urgency=medium

  * What has changed is told by spec/CHANGELOG.md in nnfmt's source.

 -- $maintainer  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
TEXT
  chmod 644 "$doc/changelog.gz"
  # Both are meant: so one package does for every version of Debian and Ubuntu, with the notices of the archive.
  install -D -m 644 /dev/stdin "$1/usr/share/lintian/overrides/nnfmt" <<'TEXT'
nnfmt: embedded-library *
nnfmt: copyright-file-contains-full-apache-2-license
TEXT
  install -d "$1/DEBIAN"
  (cd "$1" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$1/DEBIAN/md5sums"
  cat >"$1/DEBIAN/control" <<TEXT
Package: nnfmt
Version: $2
Architecture: amd64
Maintainer: $maintainer
Installed-Size: $(du -ks --apparent-size "$1/usr" | cut -f 1)
Depends: libc6 (>= $3)
Recommends: fonts-dejavu-core
Suggests: libdnnl3.6 | libdnnl3
Section: science
Priority: optional
Description: reads, checks, converts, runs and trains neural-network model files
 nnfmt knows darknet's .weights and .cfg, Keras's .h5, .weights.h5 and .keras,
 and .safetensors. It converts between them exactly, compares models, computes
 and trains them, and needs no Python, Keras or darknet.
 .
 With oneDNN, which it opens if it is installed, it computes much faster.
TEXT
  dpkg-deb --root-owner-group -Zxz --build "$1" "$4/nnfmt_$2_amd64.deb" >/dev/null
}
