# shellcheck shell=bash
# What ./run, ./test and scripts/setup share: progress lines, long commands, packages, clean stopping.
# Sourced by bash; needs nothing but coreutils.

if [ "${BASH_VERSINFO[0]}${BASH_VERSINFO[1]}" -lt 44 ]; then
  echo "bash 4.4 or newer is needed; this is $BASH_VERSION." >&2
  exit 1
fi

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Tools and build products live outside the checkout, so a fresh clone on the same machine starts warm.
WARDESK_CACHE=${WARDESK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wardesk}
TOOLS=$WARDESK_CACHE/tools
LOGS=$WARDESK_CACHE/log
export WARDESK_CACHE
mkdir -p "$TOOLS" "$LOGS" "$WARDESK_CACHE/times"

# --- progress -----------------------------------------------------------------------------------

STEP_NO=0
STEP_OF=0
STEP_NAME=
LINE_OPEN=0

# Ends the open progress line, if there is one, before something else is printed.
break_line() {
  if [ "$LINE_OPEN" = 1 ]; then printf '\n'; fi
  LINE_OPEN=0
}

say() { break_line; printf '      %s\n' "$*"; }
complain() { break_line; printf '      %s\n' "$*" >&2; }

# Milliseconds since the epoch.
now_ms() {
  local t=${EPOCHREALTIME:-}
  if [ -n "$t" ]; then t=${t/[.,]/}; printf '%s' "${t%???}"; else printf '%s000' "$(date +%s)"; fi
}

# Milliseconds as words: "0.4 s", "58 s", "12 min 3 s".
duration() {
  local ms=$1 s
  s=$(((ms + 500) / 1000))
  if [ "$ms" -lt 10000 ]; then printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
  elif [ "$s" -lt 60 ]; then printf '%d s' "$s"
  else printf '%d min %d s' $((s / 60)) $((s % 60)); fi
}

# step NAME COMMAND…: prints "[n/m] NAME … elapsed". What the command prints comes in between. Runs in
# this shell, so that set-up steps can export what they found; returns the command's status (3: skipped).
step() {
  local began status=0
  STEP_NAME=$1; shift
  STEP_NO=$((STEP_NO + 1))
  printf '[%d/%d] %s … ' "$STEP_NO" "$STEP_OF" "$STEP_NAME"
  LINE_OPEN=1
  began=$(now_ms)
  "$@" || status=$?
  STEP_MS=$(($(now_ms) - began))
  if [ "$LINE_OPEN" = 0 ]; then printf '[%d/%d] %s … ' "$STEP_NO" "$STEP_OF" "$STEP_NAME"; fi
  LINE_OPEN=0
  case $status in
    0) printf '%s\n' "$(duration "$STEP_MS")" ;;
    3) printf 'skipped: %s\n' "${REMARK:-}" ;;
    *) printf 'FAILED after %s\n' "$(duration "$STEP_MS")" ;;
  esac
  return "$status"
}

# estimate KEY WORDS: says how long it takes: as long as last time on this machine, or else WORDS.
estimate() {
  local file=$WARDESK_CACHE/times/$1
  if [ -s "$file" ]; then say "last time this took $(duration "$(cat "$file")")"; else say "$2"; fi
}

# timed KEY COMMAND…: runs the command and remembers for `estimate` how long it took.
timed() {
  local key=$1 began status=0
  shift
  began=$(now_ms)
  "$@" || status=$?
  if [ "$status" = 0 ]; then printf '%s' $(($(now_ms) - began)) >"$WARDESK_CACHE/times/$key"; fi
  return "$status"
}

# quietly KEY COMMAND…: the output goes to a log file, a sign of life is printed every minute, and on a
# failure the end of the log.
quietly() {
  local log=$LOGS/$1.log pid began next=60 status=0 at
  shift
  : >"$log"
  spawn "$log" "$@"
  pid=$CHILD
  began=$SECONDS
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    at=$((SECONDS - began))
    if [ "$at" -ge "$next" ]; then
      next=$((next + 60))
      say "$((at / 60)) min: $(grep -cE '^ *(Compiling|Checking|Unpacking|Setting up) ' "$log") packages so far"
    fi
  done
  wait "$pid" || status=$?
  forget_child "$pid"
  if [ "$status" != 0 ]; then
    complain "failed ($status): $*"
    tail -n 40 "$log" >&2
    complain "the whole output is in $log"
  fi
  return "$status"
}

# --- children -----------------------------------------------------------------------------------

CHILDREN=()
CHILD=

# spawn LOG COMMAND…: starts it in the background and in a process group of its own, so that Ctrl-C
# reaches only this script, which then stops its children in order. Sets CHILD to its process id.
spawn() {
  local log=$1
  shift
  set -m
  "$@" >>"$log" 2>&1 </dev/null &
  CHILD=$!
  set +m
  CHILDREN+=("$CHILD")
}

# within FOLDER COMMAND…: for `spawn` and `quietly`.
within() { cd "$1" && shift && exec "$@"; }

forget_child() {
  local keep=() pid
  for pid in "${CHILDREN[@]}"; do [ "$pid" = "$1" ] || keep+=("$pid"); done
  CHILDREN=("${keep[@]}")
}

# stop_child PID SECONDS: asks it to stop, waits, and ends it if it does not.
stop_child() {
  local pid=$1 left=$(($2 * 10))
  if [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null; then return 0; fi
  kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
  while [ "$left" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done
  if kill -0 "$pid" 2>/dev/null; then
    complain "process $pid did not stop within $2 s; ended it"
    kill -KILL -- "-$pid" 2>/dev/null
  fi
  wait "$pid" 2>/dev/null
  return 0
}

stop_children() {
  local i pid
  for ((i = ${#CHILDREN[@]} - 1; i >= 0; i--)); do
    pid=${CHILDREN[$i]}
    stop_child "$pid" 35
  done
  CHILDREN=()
}

# --- this machine -------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }
is_debian() { have apt-get && have dpkg-query; }

# version_at_least HAVE WANT, for dotted numbers.
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# as_root COMMAND…: as root directly, or through sudo if that asks no question.
as_root() {
  if is_root; then "$@"; else sudo -n "$@"; fi
}
may_become_root() { is_root || { have sudo && sudo -n true 2>/dev/null; }; }

# packages NAME…: sees to it that the Debian packages are there; says what to install when it may not.
packages() {
  local missing=() name
  for name in "$@"; do installed "$name" || missing+=("$name"); done
  if [ ${#missing[@]} = 0 ]; then return 0; fi
  if ! may_become_root; then
    complain "Missing, and only root may install it. Run this, then start again:"
    complain "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
    return 1
  fi
  say "installing with apt-get: ${missing[*]} (a few minutes)"
  quietly apt-update as_root apt-get -o DPkg::Lock::Timeout=300 update || return 1
  quietly apt-install as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y --no-install-recommends "${missing[@]}"
}

# load_env FILE: NAME=value lines, for names that the environment does not have yet.
load_env() {
  local line name value
  [ -f "$1" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    line=${line#export }
    case $line in '' | \#*) continue ;; esac
    name=${line%%=*}
    value=${line#*=}
    if ! [[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then
      complain "$1: not a NAME=value line: ${name}"
      return 2
    fi
    case $value in
      \"*\") value=${value#\"}; value=${value%\"} ;;
      \'*\') value=${value#\'}; value=${value%\'} ;;
    esac
    if [ -z "${!name:-}" ] && [ -n "$value" ]; then export "$name=$value"; fi
  done <"$1"
}

# port_free HOST PORT
port_free() { ! (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# http_status HOST PORT PATH: the status code of a GET, or nothing.
http_status() {
  local line=
  (
    exec 3<>"/dev/tcp/$1/$2" || exit 1
    printf 'GET %s HTTP/1.1\r\nHost: localhost:%s\r\nConnection: close\r\n\r\n' "$3" "$2" >&3
    IFS=' ' read -r -t 5 _ line _ <&3
    printf '%s' "$line"
  ) 2>/dev/null
}
