# shellcheck shell=bash
# Rust with the WASM target, and the tools that build the site. Each function is one step: it looks
# whether the thing is there, and only then fetches or builds it.

# cargo-leptos 0.3 needs it to build; the workspace itself would do with less.
MIN_RUST=1.96
MIN_NODE=18.19
CARGO_LEPTOS=0.3.11
CARGO_DENY=0.20.2
DEBIAN_RUST=(rustc-web cargo-web rust-web-src rustfmt-web rust-web-clippy lld-22)

# --- compilers and Node -------------------------------------------------------------------------

basics() {
  local wanted=() lacking=() version
  have cc || { wanted+=(build-essential); lacking+=("a C compiler (cc)"); }
  have git || { wanted+=(git); lacking+=(git); }
  have node || { wanted+=(nodejs); lacking+=("Node $MIN_NODE or newer"); }
  have npm || { wanted+=(npm); lacking+=(npm); }
  if [ ${#wanted[@]} -gt 0 ]; then
    if ! is_debian; then
      complain "Please install, then start again: $(join ', ' "${lacking[@]}")"
      return 1
    fi
    packages ca-certificates "${wanted[@]}" || return 1
  fi
  version=$(node --version)
  if ! version_at_least "${version#v}" "$MIN_NODE"; then
    complain "Node ${version#v} is too old: $MIN_NODE or newer is needed ($(command -v node))."
    return 1
  fi
}

join() {
  local between=$1 out=$2
  shift 2
  while [ $# -gt 0 ]; do out=$out$between$1; shift; done
  printf '%s' "$out"
}

# --- Rust ---------------------------------------------------------------------------------------

# Whether this rustc can compile for WASM: asked of the compiler itself, so that a standard library
# left over from another version counts as missing.
compiles_wasm() {
  local dir status=0
  dir=$(mktemp -d)
  printf 'pub fn probe() -> Vec<u8> { Vec::new() }\n' |
    "$1" --crate-type rlib --crate-name probe --target wasm32-unknown-unknown --out-dir "$dir" - \
      >/dev/null 2>&1 || status=1
  rm -rf "$dir"
  return "$status"
}

rust_version() { "$1" --version 2>/dev/null | cut -d ' ' -f 2 | cut -d - -f 1; }

# usable RUSTC: new enough and able to compile for WASM.
usable() {
  local version
  version=$(rust_version "$1")
  [ -n "$version" ] && version_at_least "$version" "$MIN_RUST" && compiles_wasm "$1"
}

# rust: sets PATH so that `cargo` and `rustc` are a toolchain with the WASM target.
# WARDESK_TOOLCHAIN=auto tries what is there, then rustup, then Debian.
rust() {
  case ${WARDESK_TOOLCHAIN:-auto} in
    auto) rust_present || rust_from_rustup || rust_from_debian || rust_advice ;;
    rustup) rust_from_rustup || rust_advice ;;
    debian) rust_from_debian || rust_advice ;;
    *) complain "WARDESK_TOOLCHAIN is auto, rustup or debian, not '$WARDESK_TOOLCHAIN'"; return 2 ;;
  esac || return 1
  wasm_linker || return 1
  native_linker
  for tool in cargo rustfmt cargo-clippy; do
    have "$tool" || { complain "$tool is missing beside $(command -v rustc)"; return 1; }
  done
  hash -r
}

rust_present() {
  if have rustc && have cargo && usable rustc; then return 0; fi
  if [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && usable /usr/bin/rustc; then
    PATH=/usr/bin:$PATH
    return 0
  fi
  return 1
}

rust_from_rustup() {
  have rustup || return 1
  local version
  version=$(rust_version rustc)
  if [ -n "$version" ] && version_at_least "$version" "$MIN_RUST"; then
    quietly rustup rustup target add wasm32-unknown-unknown || return 1
  else
    say "installing Rust $MIN_RUST with rustup (a few minutes)"
    quietly rustup rustup toolchain install "$MIN_RUST.0" --profile minimal \
      --component rustfmt --component clippy --target wasm32-unknown-unknown || return 1
    export RUSTUP_TOOLCHAIN=$MIN_RUST.0
  fi
  PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
  usable rustc
}

# Debian's security suite carries a current compiler (for Firefox and Chromium) and the sources of its
# standard library, but not that library compiled for WASM. It is compiled once, in under a minute.
rust_from_debian() {
  is_debian || return 1
  packages build-essential "${DEBIAN_RUST[@]}" || return 1
  PATH=/usr/bin:$PATH
  unset RUSTUP_TOOLCHAIN
  if usable /usr/bin/rustc; then return 0; fi
  if ! may_become_root; then
    complain "Rust's standard library for WASM is missing, and only root may add it to Debian's compiler."
    complain "Run this, then start again:  sudo WARDESK_TOOLCHAIN=debian $ROOT/scripts/setup rust"
    return 1
  fi
  debian_wasm_std || return 1
  usable /usr/bin/rustc
}

debian_wasm_std() {
  local work=$WARDESK_CACHE/tools/wasm-std lib status=0
  lib=$(/usr/bin/rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib
  estimate wasm-std "compiling Rust's standard library for WASM (about a minute, once)"
  rm -rf "$work"
  mkdir -p "$work/src"
  printf '#![no_std]\n' >"$work/src/lib.rs"
  # `panic = "abort"` in the profile is what makes cargo build panic_abort for it.
  cat >"$work/Cargo.toml" <<'T'
[package]
name = "wasm-std-probe"
version = "0.0.0"
edition = "2021"
[workspace]
[profile.release]
panic = "abort"
T
  timed wasm-std quietly wasm-std within "$work" env -u RUSTFLAGS RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
    CARGO_TARGET_DIR="$work/target" /usr/bin/cargo build -Z build-std=std,panic_abort \
    --target wasm32-unknown-unknown --release || return 1
  rm -f "$work"/target/wasm32-unknown-unknown/release/deps/*wasm_std_probe*
  as_root mkdir -p "$lib" &&
    as_root find "$lib" -type f -delete &&
    as_root cp "$work"/target/wasm32-unknown-unknown/release/deps/*.r{lib,meta} "$lib/" || status=1
  rm -rf "$work"
  return "$status"
}

rust_advice() {
  complain "Rust $MIN_RUST or newer with the target wasm32-unknown-unknown, rustfmt and clippy is needed:"
  complain "  with rustup:   rustup toolchain install $MIN_RUST.0 -c rustfmt -c clippy -t wasm32-unknown-unknown"
  complain "  on Debian 12:  sudo WARDESK_TOOLCHAIN=debian $ROOT/scripts/setup rust"
  complain "                 (installs ${DEBIAN_RUST[*]} and compiles the standard library for WASM)"
  return 1
}

# rustup brings rust-lld; Debian's compiler uses LLVM's own, whose name carries a version.
wasm_linker() {
  local host sysroot found
  if [ -n "${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER:-}" ]; then return 0; fi
  sysroot=$(rustc --print sysroot)
  host=$(rustc -vV | sed -n 's/^host: //p')
  if [ -x "$sysroot/lib/rustlib/$host/bin/rust-lld" ]; then return 0; fi
  found=$(compgen -c wasm-ld | grep -E '^wasm-ld(-[0-9]+)?$' | sort -Vu | tail -n 1)
  if [ -z "$found" ]; then
    complain "No linker for WASM: install lld (on Debian: lld-22)."
    return 1
  fi
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$found
}

# The linker that comes with the above links a test program many times as fast as GNU ld, and there are some ninety. The
# C compiler looks into COMPILER_PATH first; said to cargo, another linker would make it compile everything again.
native_linker() {
  local found
  if [ "$(uname -s)" != Linux ] || [ -n "${COMPILER_PATH:-}" ]; then return 0; fi
  found=$(compgen -c ld.lld | grep -E '^ld\.lld(-[0-9]+)?$' | sort -Vu | tail -n 1)
  if [ -z "$found" ]; then return 0; fi
  mkdir -p "$TOOLS/lld" && ln -sf "$(command -v "$found")" "$TOOLS/lld/ld" || return 0
  export COMPILER_PATH=$TOOLS/lld
}

# --- tools built from source --------------------------------------------------------------------

# tool NAME CRATE VERSION OPT_LEVEL ESTIMATE CARGO-INSTALL-OPTION…: puts NAME on PATH at exactly that
# version, from PATH, the cache, cargo-binstall, or source. The tools' own release profiles (fat LTO)
# take longer to build than they ever save, hence the overrides.
tool() {
  local name=$1 crate=$2 version=$3 level=$4 words=$5 at
  shift 5
  if [ "$(tool_version "$name")" = "$version" ]; then return 0; fi
  at=$TOOLS/$name-$version
  PATH=$at/bin:$PATH
  hash -r
  if [ "$(tool_version "$name")" = "$version" ]; then return 0; fi
  if [ "${WARDESK_TOOLCHAIN:-auto}" != debian ] && have cargo-binstall; then
    say "fetching $crate $version with cargo-binstall"
    if quietly "$crate" cargo-binstall --no-confirm --disable-strategies compile --root "$at" \
      "$crate@$version"; then return 0; fi
  fi
  estimate "$crate" "building $crate $version from source ($words, once)"
  # Its own target folder, away from any configuration of this workspace, and gone afterwards.
  timed "$crate" quietly "$crate" within "$TOOLS" env -u RUSTFLAGS \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 CARGO_PROFILE_RELEASE_DEBUG=false \
    CARGO_TARGET_DIR="$TOOLS/build" \
    cargo install "$@" --version "=$version" --root "$at" "$crate" || return 1
  rm -rf "$TOOLS/build"
  hash -r
  [ "$(tool_version "$name")" = "$version" ]
}

tool_version() {
  have "$1" || return 0
  "$1" --version 2>/dev/null | head -n 1 | cut -d ' ' -f 2
}

cargo_leptos() {
  tool cargo-leptos cargo-leptos "$CARGO_LEPTOS" 0 "about 9 min on two cores" --locked
}

# wasm-bindgen's tool and library must be of one version; Cargo.lock says which. Without --locked, since
# its own lock file names a version of a dependency that was withdrawn.
wasm_bindgen() {
  local version
  version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' "$ROOT/Cargo.lock")
  tool wasm-bindgen wasm-bindgen-cli "$version" 1 "about 4 min on two cores"
}

cargo_deny() {
  tool cargo-deny cargo-deny "$CARGO_DENY" 0 "about 3 min on two cores" --locked
}

# node_packages FOLDER: installs what the lock file names, when that changed since it was last done there.
# `npm install --no-save`, which leaves the lock file alone, and not `npm ci`: that one also asks for
# Tailwind's optional packages for other systems, which not every registry carries.
node_packages() {
  local folder=$1 stamp=$1/node_modules/.wardesk-lock
  if [ -f "$stamp" ] && cmp -s "$stamp" "$folder/package-lock.json"; then return 0; fi
  quietly "npm-$(basename "$folder")" within "$folder" npm install --no-save --no-audit --no-fund --no-progress || return 1
  cp "$folder/package-lock.json" "$stamp"
}

# The player of moving stickers, where the site's build takes it from. Left alone when it is there, since its time is
# a part of what decides whether to build.
player() {
  local from=$ROOT/node_modules/lottie-web/build/player/lottie_light_canvas.min.js to=$ROOT/public/player/lottie.js
  cmp -s "$from" "$to" && return 0
  mkdir -p "${to%/*}" && cp "$from" "$to"
}

# Tailwind and wasm-opt. cargo-leptos looks for both on PATH before it tries to download them.
style_tools() {
  node_packages "$ROOT" || return 1
  player || return 1
  PATH=$ROOT/node_modules/.bin:$PATH
}

# --- together -----------------------------------------------------------------------------------

SETUP_STEPS=5

# One set-up at a time on a machine: two would build the same tool twice.
setup_lock() {
  have flock || return 0
  exec 9>"$WARDESK_CACHE/setup.lock"
  if ! flock -n 9; then
    say "another set-up is at work on this machine; waiting for it"
    flock 9
  fi
}
setup_unlock() { if have flock; then exec 9>&-; fi; }

# What no build has read for a week: each checkout leaves its own copies of our packages in the shared
# cache. Cargo builds again what it misses.
sweep_cache() {
  if [ -d "$WARDESK_CACHE/target" ]; then
    find "$WARDESK_CACHE/target" -type f -atime +7 -delete 2>/dev/null
  fi
  return 0
}

setup_build_tools() {
  setup_lock
  step "Compiler and Node" basics || return 1
  step "Rust with the WASM target" rust || return 1
  step "cargo-leptos $CARGO_LEPTOS" cargo_leptos || return 1
  step "wasm-bindgen" wasm_bindgen || return 1
  step "Tailwind and wasm-opt" style_tools || return 1
  setup_unlock
  sweep_cache
  export PATH
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$WARDESK_CACHE/target}
}
