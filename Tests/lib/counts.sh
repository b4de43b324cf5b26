# How many tests ran, read from what each runner said. Sourced by Tests/run, which keeps the output
# of a stage in $logs/STAGE.log. Each stage runs in a sub-shell, so counts are kept in files too.

# record NAME PASSED FAILED
record() {
  echo "$2 $3" >"$logs/$1.count"
}

# Sums over the lines of a log: `matched FILE PATTERN` prints the sum of the first group.
matched() {
  sed -nE "s/$2/\\1/p" "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

# Swift Testing closes with "Test run with 12 tests in 3 suites passed", XCTest with
# "Executed 12 tests, with 1 failure" (its last such line counts them all).
count_swift_tests() {
  local log=$logs/unit.log ran failed xctest xctest_failed
  ran=$(matched "$log" '.*Test run with ([0-9]+) tests?.*')
  failed=$(grep -cE '^. Test .* failed after' "$log" || true)
  # The closing line of a failed run looks the same.
  failed=$((failed - $(grep -cE '^. Test run with .* failed after' "$log" || true)))
  grep -E 'Executed [0-9]+ tests?, with' "$log" | tail -1 >"$logs/line" || true
  xctest=$(matched "$logs/line" '.*Executed ([0-9]+) tests?.*')
  xctest_failed=$(matched "$logs/line" '.*with ([0-9]+) failures?.*')
  record "Swift tests" $((ran + xctest - failed - xctest_failed)) $((failed + xctest_failed))
}

# pytest closes with "3 failed, 120 passed, 2 skipped in 61.20s"; errors are failures of a fixture.
count_interop_tests() {
  grep -E '^=* ?[0-9]+ .* in [0-9.]+s' "$logs/interop.log" | tail -1 >"$logs/line" || true
  record "interop tests" "$(matched "$logs/line" '.*\b([0-9]+) passed.*')" \
    $(($(matched "$logs/line" '.*\b([0-9]+) failed.*') + $(matched "$logs/line" '.*\b([0-9]+) errors?.*')))
}

# The judge has a line for each suite: "headers: 24 passed, 0 failed".
count_judge_cases() {
  local log=$logs/corpus.log
  record "corpus cases" "$(matched "$log" '^[a-z0-9-]+: ([0-9]+) passed, [0-9]+ failed.*')" \
    "$(matched "$log" '^[a-z0-9-]+: [0-9]+ passed, ([0-9]+) failed.*')"
}

# faults.py closes with "of 400 trials 399 passed, 1 failed".
count_faults() {
  local log=$logs/faults.log
  record "fault trials" "$(matched "$log" '^of [0-9]+ trials ([0-9]+) passed, [0-9]+ failed.*')" \
    "$(matched "$log" '^of [0-9]+ trials [0-9]+ passed, ([0-9]+) failed.*')"
}

# A stage without tests counts as one.
record_passed_stage() {
  if [[ " unit interop faults corpus " != *" $1 "* ]]; then
    record "stage $1" 1 0
  fi
}

# A stage that fails without a failing test (a build, say) counts as one failure.
record_failed_stage() {
  if ! grep -qsE ' [1-9][0-9]*$' "$logs"/*.count; then
    record "stage $1" 0 1
  fi
}

# The stages with their durations, then the counts of those that ran; the last line is read by CI.
summary() {
  local file passed failed total_passed=0 total_failed=0
  printf '\n=== Summary\n%s\n' "$durations"
  for file in "$logs"/*.count; do
    [[ -e $file ]] || continue
    read -r passed failed <"$file"
    printf '%-14s %5d passed, %d failed\n' "$(basename "$file" .count)" "$passed" "$failed"
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
  done
  [[ -d $corpus ]] || echo "The cases of the corpus did not run: there is no $corpus"
  printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
}
