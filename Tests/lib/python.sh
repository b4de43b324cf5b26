# The Python environment of the interop tests. Sourced by Tests/run.

# Makes $environment, or leaves it alone if it was made from the same requirements by the same Python.
prepare_python() {
  local wanted
  wanted=$(cat Tests/requirements.txt <(python3 --version) | sha256sum)
  if [[ -f $environment/made-from && $(<"$environment/made-from") == "$wanted" ]]; then
    return
  fi
  echo "Making a Python environment in ${environment#"$root"/} (1.5 GB, under a minute)"
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps -r Tests/requirements.txt
  # Written last: an installation that was cut short is begun anew.
  echo "$wanted" >"$environment/made-from"
}
