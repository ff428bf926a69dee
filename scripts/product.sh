# shellcheck shell=bash
# Building Wardesk and the sandbox, and running them together.

# Where the finished programs and hash.txt are kept, apart from the shared build cache: another
# checkout's build must not change what runs here. The site is in target/site (Leptos.toml).
STAGE=$ROOT/target/run
SITE=$ROOT/target/site
# Packages of the workspace that are built and staged besides, each with a program of its name.
ALSO=()
SERVER_PID=
SANDBOX_PID=
# Discord's own description of its API, when somebody has it: the sandbox then checks every request and
# answer. It is not part of this repository.
if [ -z "${WARDESK_DISCORD_OPENAPI:-}" ] && [ -f "$ROOT/../shared/discord/openapi.json" ]; then
  WARDESK_DISCORD_OPENAPI=$(cd "$ROOT/../shared/discord" && pwd)/openapi.json
fi
if [ -n "${WARDESK_DISCORD_OPENAPI:-}" ]; then export WARDESK_DISCORD_OPENAPI; fi

# --- settings -----------------------------------------------------------------------------------

# The settings that this script itself needs to know; all others go from the environment to the server.
product_settings() {
  local missing=() name file
  WARDESK_BIND=${WARDESK_BIND:-127.0.0.1:8080}
  WARDESK_PUBLIC_URL=${WARDESK_PUBLIC_URL:-http://localhost:${WARDESK_BIND##*:}}
  WARDESK_DATA_DIR=${WARDESK_DATA_DIR:-$ROOT/data}
  export WARDESK_BIND WARDESK_PUBLIC_URL WARDESK_DATA_DIR
  LOG_DIR=$WARDESK_DATA_DIR/log
  for name in DISCORD_TOKEN DISCORD_CLIENT_ID DISCORD_CLIENT_SECRET; do
    file=${name}_FILE
    [ -n "${!name:-}${!file:-}" ] || missing+=("$name")
  done
  case ${#missing[@]} in
    0) SANDBOX=0 ;;
    3) SANDBOX=1 ;;
    *)
      complain "For the real Discord, set ${missing[*]} too (in the environment or in .env; .env.example explains them)."
      complain "For the sandbox, set none of DISCORD_TOKEN, DISCORD_CLIENT_ID, DISCORD_CLIENT_SECRET."
      return 2
      ;;
  esac
  if [ "$SANDBOX" = 1 ]; then sandbox_settings "${WARDESK_SANDBOX_BIND:-127.0.0.1:4010}"; fi
}

# sandbox_settings ADDRESS: points the server at a sandbox there. The credentials are the sandbox's own
# fixed ones and open nothing else.
sandbox_settings() {
  SANDBOX_BIND=$1
  SANDBOX_URL=http://$1
  export WARDESK_SANDBOX=1
  export DISCORD_TOKEN=sandbox-bot-token
  export DISCORD_CLIENT_ID=900000000000000001
  export DISCORD_CLIENT_SECRET=sandbox-client-secret
  export DISCORD_API_URL=$SANDBOX_URL/api/v10
  export DISCORD_OAUTH_AUTHORIZE_URL=$SANDBOX_URL/oauth2/authorize
  export DISCORD_OAUTH_TOKEN_URL=$SANDBOX_URL/api/oauth2/token
  export DISCORD_OAUTH_REVOKE_URL=$SANDBOX_URL/api/oauth2/token/revoke
  export DISCORD_APP_URL=$SANDBOX_URL
  export DISCORD_CDN_URL=$SANDBOX_URL/cdn
  export DISCORD_MEDIA_URL=$SANDBOX_URL/cdn
  # The sandbox takes pretended money, unless a key says who takes real or Stripe's own.
  if [ -z "${STRIPE_SECRET_KEY:-}${STRIPE_SECRET_KEY_FILE:-}" ]; then
    export STRIPE_SECRET_KEY=sk_test_sandbox
    export STRIPE_WEBHOOK_SECRET=whsec_sandbox
    export STRIPE_API_BASE=$SANDBOX_URL/stripe/
    # One clock drives both: whoever moves it sees a year of a subscription go by.
    export WARDESK_SANDBOX_CLOCK=$SANDBOX_URL/control/clock
  fi
}

# --- building -----------------------------------------------------------------------------------

# One line that changes when a source, a lock file, the compiler or the profile changes: names, sizes
# and times, which is quick. Empty where `find` cannot print them; then cargo decides.
fingerprint() {
  find . -maxdepth 0 -printf '' 2>/dev/null || return 0
  {
    find app crates server frontend documents locales style public .cargo Cargo.toml Cargo.lock Leptos.toml plans.toml \
      package-lock.json scripts "${ALSO[@]}" -type f -printf '%p %s %T@\n' 2>/dev/null
    rustc -vV
    printf '%s %s\n' "$CARGO_LEPTOS" "${WARDESK_RELEASE:-0}"
  } | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1
}

# build_product: the site, the server and the sandbox, by cargo-leptos; nothing when nothing changed.
build_product() {
  local mark name options=() folder=debug key=build-debug
  mark=$(fingerprint)
  if [ -n "$mark" ] && [ "$mark" = "$(cat "$STAGE/stamp" 2>/dev/null)" ] && [ -x "$STAGE/wardesk" ]; then
    return 0
  fi
  # All programs in one cargo call: their dependencies are resolved, and so compiled, once.
  for name in sandbox "${ALSO[@]}"; do
    options+=("--bin-cargo-args=--package=$name" "--bin-cargo-args=--bin=$name")
  done
  if [ "${WARDESK_RELEASE:-0}" = 1 ]; then
    folder=release key=build-release
    options+=(--release --precompress)
  fi
  break_line
  estimate "$key" "about 12 min the first time on two cores, a minute or two after a change"
  timed "$key" env RUST_BACKTRACE=0 cargo-leptos build "${options[@]}" </dev/null || return 1
  stage_product "$CARGO_TARGET_DIR/$folder" || return 1
  printf '%s' "$mark" >"$STAGE/stamp"
}

# stage_product FOLDER: takes what was built there. Written beside and renamed, since a program that
# runs cannot be overwritten.
stage_product() {
  local name
  mkdir -p "$STAGE" || return 1
  rm -f "$STAGE/stamp"
  for name in wardesk sandbox hash.txt "${ALSO[@]}"; do
    cp "$1/$name" "$STAGE/$name.new" && mv -f "$STAGE/$name.new" "$STAGE/$name" || return 1
  done
}

# For --dev: cargo-leptos builds the rest itself. leptos reads LEPTOS_WATCH when it is compiled.
build_for_watching() {
  export LEPTOS_WATCH=true
  break_line
  estimate build-watch "about 12 min the first time on two cores"
  timed build-watch cargo build --package server --package sandbox --bin sandbox </dev/null || return 1
  mkdir -p "$STAGE"
  cp "$CARGO_TARGET_DIR/debug/sandbox" "$STAGE/sandbox.new" && mv -f "$STAGE/sandbox.new" "$STAGE/sandbox"
}

# --- running ------------------------------------------------------------------------------------

# The data folder, and on the first run the key that wraps all data keys. Whoever loses it loses the
# sealed data; whoever copies it beside a backup defeats the sealing. .env.example says more.
prepare_data() {
  local file=${WARDESK_MASTER_KEY_FILE:-$WARDESK_DATA_DIR/master.key}
  (umask 077 && mkdir -p "$WARDESK_DATA_DIR" "$LOG_DIR") || return 1
  if [ -n "${WARDESK_MASTER_KEY:-}" ]; then return 0; fi
  export WARDESK_MASTER_KEY_FILE=$file
  if [ ! -s "$file" ]; then
    (umask 077 && head -c 32 /dev/urandom | base64 >"$file") || return 1
    say "generated the master key: $file (keep a copy apart from the backups)"
  fi
}

# fresh_log NAME: sets LOG to an empty log file; the one of the last run is kept beside it.
fresh_log() {
  LOG=$LOG_DIR/$1.log
  if [ -s "$LOG" ]; then mv -f "$LOG" "$LOG.1"; fi
  (umask 077 && : >"$LOG")
}

# address_free NAME HOST:PORT SETTING
address_free() {
  local host=${2%:*} port=${2##*:}
  case $host in 0.0.0.0 | '[::]' | localhost) host=127.0.0.1 ;; esac
  if port_free "$host" "$port"; then return 0; fi
  complain "$2 is in use, so the $1 cannot start there. Stop what uses it, or set $3."
  return 1
}

start_sandbox() {
  local waited=0
  address_free sandbox "$SANDBOX_BIND" WARDESK_SANDBOX_BIND || return 1
  fresh_log sandbox
  spawn "$LOG" "$STAGE/sandbox" --listen "$SANDBOX_BIND" --public-url "$SANDBOX_URL" \
    --redirect "$WARDESK_PUBLIC_URL/auth/callback" \
    --stripe-webhook "http://localhost:${WARDESK_BIND##*:}/webhooks/stripe"
  SANDBOX_PID=$CHILD
  until grep -q '^sandbox ready' "$LOG"; do
    if ! kill -0 "$SANDBOX_PID" 2>/dev/null || [ "$waited" -ge 300 ]; then
      complain "the sandbox did not start:"
      tail -n 20 "$LOG" >&2
      return 1
    fi
    sleep 0.1
    waited=$((waited + 1))
  done
}

# start_server: returns when it answers /readyz.
start_server() {
  local host=${WARDESK_BIND%:*} port=${WARDESK_BIND##*:} waited=0 status=
  case $host in 0.0.0.0 | '[::]' | localhost) host=127.0.0.1 ;; esac
  address_free server "$WARDESK_BIND" WARDESK_BIND || return 1
  fresh_log wardesk
  LEPTOS_SITE_ROOT=$SITE spawn "$LOG" "$STAGE/wardesk" serve
  SERVER_PID=$CHILD
  while :; do
    status=$(http_status "$host" "$port" /readyz)
    if [ "$status" = 200 ]; then return 0; fi
    if ! kill -0 "$SERVER_PID" 2>/dev/null; then
      complain "the server did not start:"
      tail -n 30 "$LOG" >&2
      return 1
    fi
    if [ "$waited" -ge 300 ]; then
      if [[ $(http_status "$host" "$port" /livez) == 2* ]]; then
        say "it serves pages but is not ready yet (/readyz: ${status:-no answer}); the log says why: $LOG"
        return 0
      fi
      complain "the server does not answer within 60 s; its log ends so:"
      tail -n 30 "$LOG" >&2
      return 1
    fi
    sleep 0.2
    waited=$((waited + 1))
  done
}

# watch_product: in the foreground, so that cargo-leptos gets Ctrl-C itself and stops its server.
watch_product() {
  address_free server "$WARDESK_BIND" WARDESK_BIND || return 1
  say "Wardesk comes up at $WARDESK_PUBLIC_URL after the build; it reloads on a change."
  if [ "$SANDBOX" = 1 ]; then say "Chat page of the sandbox: $SANDBOX_URL"; fi
  # In DEV, leptos adds the script that reloads the page.
  LEPTOS_ENV=DEV cargo-leptos watch --bin-cargo-args=--package=sandbox --bin-cargo-args=--bin=sandbox -- serve
}

# report_dead: says which of the programs ended by itself.
report_dead() {
  local name pid
  for name in wardesk:$SERVER_PID sandbox:$SANDBOX_PID; do
    pid=${name##*:}
    name=${name%%:*}
    if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then
      complain "$name ended by itself; its log ($LOG_DIR/$name.log) ends so:"
      tail -n 20 "$LOG_DIR/$name.log" >&2
    fi
  done
}
