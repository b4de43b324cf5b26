# Which files samples/install makes, and samples/uninstall removes. Sourced by both.

# Reads `--prefix DIR`; sets `prefix`, `command` and, by shell, `completions`: where each shell looks under /usr/local
# and /usr. Other prefixes are a user's own, who names the folders to the shell.
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
  command=$prefix/bin/nnfmt
  declare -gA completions=(
    [bash]=$prefix/share/bash-completion/completions/nnfmt
    [zsh]=$prefix/share/zsh/site-functions/_nnfmt
    [fish]=$prefix/share/fish/vendor_completions.d/nnfmt.fish
  )
}

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
