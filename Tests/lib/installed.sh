# Which files samples/install makes, samples/release packs and samples/uninstall removes. Sourced by all three.

# Reads `--prefix DIR`; sets `prefix` and what stands under it.
installed_files() {
  prefix=/usr/local
  while (($# > 0)); do
    case $1 in
      --prefix) prefix=${2:-} && shift $(($# > 1 ? 2 : 1)) ;;
      --prefix=*) prefix=${1#--prefix=} && shift ;;
      -h | --help)
        sed -nE '2,/^set /s/^# //p' "$0"
        exit
        ;;
      *)
        echo "unknown argument '$1': ${0##*/} [--prefix DIR]" >&2
        exit 64
        ;;
    esac
  done
  if [[ -z $prefix ]]; then
    echo "--prefix needs a folder" >&2
    exit 64
  fi
  prefix=$(realpath -m "$prefix")
  files_under "$prefix"
}

# files_under PREFIX: sets `command`, `manual` (the folder of the pages) and, by shell, `completions`: where man and each shell
# look under /usr/local and /usr. Other prefixes are a user's own, who names the folders to the shell.
files_under() {
  command=$1/bin/nnfmt
  manual=$1/share/man/man1
  local zsh=site-functions
  # Debian's zsh looks there for what packages bring.
  if [[ $1 == /usr ]]; then zsh=vendor-completions; fi
  declare -gA completions=(
    [bash]=$1/share/bash-completion/completions/nnfmt
    [zsh]=$1/share/zsh/$zsh/_nnfmt
    [fish]=$1/share/fish/vendor_completions.d/nnfmt.fish
  )
}

# What is there of it, whichever version has installed it.
find_installed() {
  local file
  for file in "$command" "$manual"/nnfmt.1 "$manual"/nnfmt-*.1 "${completions[@]}"; do
    if [[ -e $file || -L $file ]]; then printf '%s\n' "$file"; fi
  done
}

# put BINARY [ROOT]: installs the command and what it writes of itself, under ROOT if that is given. All is made before
# anything is installed, so that a fault leaves the system as it was. A shell of its own, for the trap.
put() (
  local made shell page
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  "$1" generate-manual "$made/manual"
  for shell in "${!completions[@]}"; do
    "$1" --generate-completion-script "$shell" >"$made/$shell"
  done
  # `install` makes a new file: a running nnfmt keeps the old one.
  as_owner install -D -m 755 "$1" "${2-}$command"
  for page in "$made/manual"/*; do
    as_owner install -D -m 644 "$page" "${2-}$manual/${page##*/}"
  done
  for shell in "${!completions[@]}"; do
    as_owner install -D -m 644 "$made/$shell" "${2-}${completions[$shell]}"
  done
)

# Runs a command as who may write under the prefix: the user, or else root.
as_owner() {
  local folder=$prefix
  while [[ ! -e $folder ]]; do folder=$(dirname "$folder"); done
  if [[ -w $folder ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "$prefix can't be written to: run this as root, or choose another --prefix" >&2
    exit 73
  fi
}
