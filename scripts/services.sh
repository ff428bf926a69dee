# shellcheck shell=bash
# What only ./test needs on top: Chromium, a private PostgreSQL, a network of its own, cargo-deny; and starting and
# waiting for the programs.

SETUP_TEST_STEPS=5

# --- Chromium -----------------------------------------------------------------------------------

# chromium: sets WARDESK_CHROMIUM to a Chromium or Chrome. The one without windows where there is it: the same engine, and
# tests take two thirds of the time.
chromium() {
  find_chromium && return 0
  if is_debian; then
    packages chromium-headless-shell fonts-noto-color-emoji || packages chromium fonts-noto-color-emoji
    find_chromium && return 0
  fi
  complain "Chromium is missing: install it, or set WARDESK_CHROMIUM to a Chromium or Chrome."
  return 1
}

find_chromium() {
  local name
  if [ -n "${WARDESK_CHROMIUM:-}" ]; then [ -x "$WARDESK_CHROMIUM" ]; return; fi
  for name in chromium-headless-shell chromium chromium-browser google-chrome-stable google-chrome; do
    if type -P "$name" >/dev/null; then
      # Not `command -v`, which finds the function of that name above.
      WARDESK_CHROMIUM=$(type -P "$name")
      export WARDESK_CHROMIUM
      return 0
    fi
  done
  return 1
}

# --- PostgreSQL ---------------------------------------------------------------------------------

POSTGRES_DIR=

# postgres_programs: sets POSTGRES_BIN to the folder of initdb and postgres.
postgres_programs() {
  find_postgres && return 0
  if is_debian; then packages postgresql && find_postgres && return 0; fi
  complain "PostgreSQL is missing: install its server (initdb, postgres, pg_ctl)."
  return 1
}

find_postgres() {
  local folder
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin | sort -rV); do
    if [ -x "$folder/initdb" ]; then POSTGRES_BIN=$folder; return 0; fi
  done
  if have initdb && have postgres; then POSTGRES_BIN=$(dirname "$(command -v initdb)"); return 0; fi
  return 1
}

# PostgreSQL refuses to run as root: then it runs as its own user.
as_postgres() {
  if is_root; then runuser -u postgres -- "$@"; else "$@"; fi
}

# start_postgres: a cluster of our own in a temporary folder, on a unix socket only, without fsync, since
# it lives as long as the tests. Sets WARDESK_TEST_POSTGRES_URL.
start_postgres() {
  POSTGRES_DIR=$(mktemp -d "${TMPDIR:-/tmp}/wardesk-pg.XXXXXX") || return 1
  chmod 711 "$POSTGRES_DIR"
  if is_root; then chown postgres "$POSTGRES_DIR"; fi
  (
    cd "$POSTGRES_DIR" || exit 1
    as_postgres "$POSTGRES_BIN/initdb" -D "$POSTGRES_DIR/data" -U wardesk --auth=trust -E UTF8 \
      --locale=C --no-sync &&
      as_postgres "$POSTGRES_BIN/pg_ctl" -D "$POSTGRES_DIR/data" -l "$POSTGRES_DIR/log" -w -t 60 \
        -o "-c listen_addresses='' -c unix_socket_directories='$POSTGRES_DIR' -c fsync=off \
            -c synchronous_commit=off -c full_page_writes=off -c max_connections=300" start
  ) >"$LOGS/postgres.log" 2>&1 </dev/null || {
    tail -n 20 "$LOGS/postgres.log" >&2
    [ -f "$POSTGRES_DIR/log" ] && tail -n 20 "$POSTGRES_DIR/log" >&2
    return 1
  }
  export WARDESK_TEST_POSTGRES_URL="postgres://wardesk@localhost/postgres?host=$POSTGRES_DIR"
}

stop_postgres() {
  [ -n "$POSTGRES_DIR" ] || return 0
  (
    cd "$POSTGRES_DIR" &&
      as_postgres "$POSTGRES_BIN/pg_ctl" -D "$POSTGRES_DIR/data" -m immediate -w stop
  ) >/dev/null 2>&1
  rm -rf "$POSTGRES_DIR"
  POSTGRES_DIR=
}

# --- a closed network ---------------------------------------------------------------------------

# network_programs: `unshare` and `ip`, by which a test gives the program a network that leads nowhere.
network_programs() {
  PATH=$PATH:/usr/sbin:/sbin
  if have unshare && have ip; then return 0; fi
  if is_debian; then packages util-linux iproute2 && have unshare && have ip && return 0; fi
  complain "unshare (util-linux) or ip (iproute2) is missing: install both."
  return 1
}

# --- together -----------------------------------------------------------------------------------

# What tests write and throw away goes to memory, where there is enough: they write little, and wait for the disk on every
# commit. A crash of the machine is not what they are about.
temporary_in_memory() {
  local free
  free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
  if [ "${free:-0}" -lt $((4 * 1024 * 1024)) ]; then return 0; fi
  MEMORY_DIR=$(mktemp -d /dev/shm/wardesk-test.XXXXXX 2>/dev/null) || { MEMORY_DIR=; return 0; }
  # PostgreSQL's own user must get through.
  chmod 711 "$MEMORY_DIR"
  # Some systems let nothing be run from there, which a test may want to do.
  printf '#!/bin/sh\n' >"$MEMORY_DIR/probe" && chmod +x "$MEMORY_DIR/probe"
  if ! "$MEMORY_DIR/probe" 2>/dev/null; then
    forget_temporary
    return 0
  fi
  export TMPDIR=$MEMORY_DIR
}
MEMORY_DIR=

forget_temporary() {
  if [ -n "$MEMORY_DIR" ]; then rm -rf "$MEMORY_DIR"; fi
  MEMORY_DIR=
}

setup_test_tools() {
  setup_lock
  step "Chromium" chromium || return 1
  step "PostgreSQL" postgres_programs || return 1
  step "A network for tests" network_programs || return 1
  step "Browser test packages" node_packages "$ROOT/end2end" || return 1
  step "cargo-deny $CARGO_DENY" cargo_deny || return 1
  setup_unlock
  temporary_in_memory
  export PATH
}
