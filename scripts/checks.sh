# shellcheck shell=bash
# The steps of ./test. Each returns 0 for passed, 1 for failed, 3 for skipped, and leaves what it counted
# in PASSED, FAILED and SKIPPED, and a remark for the table in REMARK.

# Packages built natively: the workspace's default members. `frontend` is WASM only.
native_packages() {
  cargo metadata --format-version 1 --no-deps --locked |
    node -e 'const m = JSON.parse(require("fs").readFileSync(0, "utf8"));
      const native = new Set(m.workspace_default_members);
      for (const p of m.packages) if (native.has(p.id)) console.log(p.name);'
}

# Compiled into the tested programs, so that a test can stop them at a named place (kill -9 in the middle
# of a close, say). ./run builds without.
TEST_FEATURES=(--features server/failpoints)

# check COMMAND…: a step that counts as one test.
check() {
  break_line
  if "$@"; then PASSED=1; else FAILED=1; return 1; fi
}

check_format() { check cargo fmt --all --check; }

# One call for all native packages, so that their dependencies are resolved, and checked, once.
check_clippy_native() {
  local selected=() name
  for name in $(native_packages); do selected+=(--package "$name"); done
  if [ ${#selected[@]} = 0 ]; then FAILED=1; return 1; fi
  check cargo clippy --locked --keep-going "${selected[@]}" "${TEST_FEATURES[@]}" --all-targets -- -D warnings
}

check_clippy_wasm() {
  # cargo-leptos builds the WASM half in the same folder.
  check cargo clippy --locked --keep-going --package frontend --target wasm32-unknown-unknown \
    --target-dir "$CARGO_TARGET_DIR/front" -- -D warnings
}

# The programs with the features that ./run builds them with. Tests bring features of their own (tokio's
# test clock, say), and code that only compiles with those would pass every other step.
check_programs() { check cargo check --locked --package server --package sandbox --bins; }

# Crates that would drag the server into the browser.
check_wasm_dependencies() {
  local tree bad
  tree=$(cargo tree --locked --package frontend --target wasm32-unknown-unknown --edges normal \
    --prefix none --format '{lib}' 2>&1) || {
    complain "$tree"
    FAILED=1
    return 1
  }
  bad=$(printf '%s\n' "$tree" | sort -u | grep -E '^(tokio|sqlx(_.*)?|serenity|axum|reqwest|ring|hyper)$')
  if [ -n "$bad" ]; then
    complain "in the WASM build, where they must not be: $(printf '%s' "$bad" | tr '\n' ' ')"
    FAILED=1
    return 1
  fi
  PASSED=1
}

# Finished HTML has one way into a page, one line of one file, behind two functions that take what an escaping writer made;
# and nobody tells maud's macro that something is escaped already. A lint cannot see inside a macro.
check_raw_html() {
  local hits
  hits=$(grep -rnE --include='*.rs' \
    '\binner_html\b|dangerously_set|insert_adjacent_html|set_inner_html|set_outer_html|PreEscaped|InertElement' \
    app crates frontend server \
    | grep -vE '^app/src/ui/written\.rs:[0-9]+:(use leptos::tachys::html::InertElement;|fn finished\(html: String\) -> InertElement \{|    InertElement::new\(html\))$')
  if [ -n "$hits" ]; then
    complain "raw HTML, besides what app/src/ui/written.rs does:"
    printf '%s\n' "$hits" >&2
    FAILED=1
    return 1
  fi
  PASSED=1
}

check_dependencies() { check cargo-deny --locked check bans licenses sources; }

check_advisories() {
  local url=https://github.com/RustSec/advisory-db
  if ! GIT_TERMINAL_PROMPT=0 timeout 30 git ls-remote --exit-code "$url" HEAD >/dev/null 2>&1; then
    SKIPPED=1 REMARK="the advisory database cannot be reached"
    return 3
  fi
  check cargo-deny --locked check advisories
}

# Adds up the "test result:" lines of cargo test in a log.
count_cargo() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ \ ([0-9]+)\ passed\;\ ([0-9]+)\ failed\;\ ([0-9]+)\ ignored ]]; then
      PASSED=$((PASSED + BASH_REMATCH[1]))
      FAILED=$((FAILED + BASH_REMATCH[2]))
      SKIPPED=$((SKIPPED + BASH_REMATCH[3]))
    fi
  done < <(grep '^test result:' "$1")
}

PROGRAMS_BUILT=0
# What the tests of this run printed; nothing while they have not run.
CARGO_LOG=/dev/null

# Every native test, unit and integration, built by one cargo call. Tests of storage, core and server run on
# SQLite and, since WARDESK_TEST_POSTGRES_URL is set, on PostgreSQL.
check_cargo_tests() {
  local log=$LOGS/cargo-test.log built=$LOGS/cargo-test.json status=0 whole=0 long=()
  break_line
  if [ $# = 0 ]; then set -- "${TEST_FEATURES[@]}"; whole=1 PROGRAMS_BUILT=1; fi
  estimate cargo-tests "about 10 min the first time on two cores, most of it compiling"
  timed cargo-tests cargo test --locked --no-run --message-format=json-render-diagnostics "$@" </dev/null >"$built" || {
    FAILED=1 REMARK="did not build" PROGRAMS_BUILT=0
    return 1
  }
  start_postgres || { REMARK="PostgreSQL did not start"; FAILED=1; return 1; }
  # ./test --long: also what is marked #[ignore] because it takes long, and many more random cases.
  if [ "${WARDESK_LONG:-0}" = 1 ]; then
    long=(--include-ignored)
    export PROPTEST_CASES=${PROPTEST_CASES:-5000}
  fi
  if [ "$whole" = 1 ]; then
    TIMES=$WARDESK_CACHE/times/rust-tests.json FEATURES="$*" \
      node scripts/rust-tests.mjs "$log" "${long[@]}" <"$built" || status=1
  else
    case " $* " in *" -- "*) ;; *) long=(-- "${long[@]}") ;; esac
    cargo test --locked --no-fail-fast "$@" "${long[@]}" 2>&1 </dev/null | tee "$log"
    status=${PIPESTATUS[0]}
  fi
  CARGO_LOG=$log
  stop_postgres
  unset WARDESK_TEST_POSTGRES_URL
  count_cargo "$log"
  if [ "$status" != 0 ]; then
    if [ "$FAILED" = 0 ]; then FAILED=1 REMARK="did not run to its end"; fi
    return 1
  fi
}

# ./test --long: ten minutes for each target.
check_fuzzing() {
  local target
  break_line
  for target in markdown message; do
    if fuzz/run "$target" 600 </dev/null; then PASSED=$((PASSED + 1)); else FAILED=$((FAILED + 1)); fi
  done
  [ "$FAILED" = 0 ]
}

# The site, and the programs for the browser tests. Those that `cargo test` has just built serve as well
# (the step `programs` has seen to the difference): a second compilation would find nothing more.
check_site() {
  break_line
  check build_beside_secrets || return 1
  if no_secrets_in "$SITE"; then PASSED=2; else FAILED=1; return 1; fi
}

# Stands in for each secret while the site is built: one that gets into it at that time is found by this.
PLANTED=secret-that-was-set-while-the-site-was-built

# The names of settings that .env.example has and whose end is one of these.
settings_ending_in() { sed -nE "s/^#?((DISCORD|STRIPE|WARDESK)_[A-Z0-9_]*($1))=.*/\1/p" .env.example; }

# In a process of its own: nothing else is to see these settings.
build_beside_secrets() (
  for name in $(settings_ending_in 'TOKEN|SECRET|SECRET_OLD|KEY|KEY_ID|DATABASE_URL|KEYS_URL'); do
    export "$name=$PLANTED"
  done
  if [ "$PROGRAMS_BUILT" = 1 ]; then site_only; else build_product; fi
)

# no_secrets_in FOLDER: what every browser gets (the program for WASM, scripts, styles) holds no secret, neither the
# planted one nor one of the sandbox, and no name of a setting either: those are the server's.
no_secrets_in() {
  local name hits searched=(-e "$PLANTED")
  for name in sandbox-bot-token sandbox-client-secret sk_test_sandbox whsec_sandbox; do searched+=(-e "$name"); done
  for name in $(settings_ending_in '[A-Z0-9]'); do searched+=(-e "$name"); done
  if [ ${#searched[@]} -lt 40 ] || [ -z "$(find "$1" -name '*.wasm' -print -quit)" ]; then
    complain "there is nothing to search for, or no program in $1"
    return 1
  fi
  hits=$(grep -rlaF "${searched[@]}" "$1")
  if [ -n "$hits" ]; then
    complain "secrets, or names of the server's settings, in what browsers get:"
    printf '%s\n' "$hits" >&2
    return 1
  fi
}

site_only() {
  RUST_BACKTRACE=0 cargo-leptos build --frontend-only --cargo-locked </dev/null && stage_product "$CARGO_TARGET_DIR/debug"
}

# browser_tests FILTER…: the tests in end2end/tests, each file with its own server and sandbox.
browser_tests() {
  local result=$LOGS/browser-result status=0
  break_line
  rm -f "$result"
  # For the test of ./run: what is staged is what the sources say. Only for now, since programs that
  # `cargo test` built have the failpoints in them, which ./run builds without.
  if [ "$PROGRAMS_BUILT" = 1 ]; then fingerprint >"$STAGE/stamp"; fi
  WARDESK_STAGE=$STAGE WARDESK_SITE=$SITE WARDESK_RESULT=$result \
    node end2end/run.mjs "$@" </dev/null || status=1
  if [ "$PROGRAMS_BUILT" = 1 ]; then rm -f "$STAGE/stamp"; fi
  if [ -s "$result" ]; then
    read -r PASSED FAILED SKIPPED <"$result"
  else
    FAILED=1 REMARK="did not run"
  fi
  return "$status"
}

# Every test that docs/PROMISES.md rests on has just passed, by what the steps `cargo` and `browser` left behind.
check_promises() { check node scripts/promises.mjs "$CARGO_LOG" "$LOGS/browser-result"; }
