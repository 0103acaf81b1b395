#!/usr/bin/env bash
# A payment from end to end: an account, a pay-in, its notification; then the provider hangs, another pay-in has to
# wait, and becomes final once the provider is well again; at last a pay-out and a refund in part. Prints each command
# and its answer; ends with an error where the answer is not the expected one.
#
#   docs/demo.sh [application] [provider]      default: http://localhost:8080 http://localhost:9090
#
# The token is the one of the owner demo in development. Another issuer's token can be passed in TOKEN.
set -euo pipefail

base=${1:-http://localhost:8080}
provider=${2:-http://localhost:9090}
run=$(date +%s)-$$ # idempotency keys of this run
json='Content-Type: application/json'
hanging=
body=
status=

fail() {
  echo "demo: $1" >&2
  exit 1
}

heal_provider() {
  [ -z "$hanging" ] || curl -s -o /dev/null -X PUT "$provider/faults" -H "$json" -d '{"mode":"none"}' || true
}
trap heal_provider EXIT

# The answer of `curl ARGUMENT...`: its body in $body, its status in $status
ask() {
  body=$(curl -s -m 20 -w '\n%{http_code}' --oauth2-bearer "$token" "$@") || fail "no answer from the address in: curl $*"
  status=${body##*$'\n'}
  body=${body%$'\n'*}
}

# The same, shown as a command that can be pasted, and checked: show STATUS ARGUMENT..., with a pattern for the status
show() {
  local expected=$1 argument command='$ curl -s'
  shift
  [[ $* != *"$base"* ]] || command="$command --oauth2-bearer \$TOKEN"
  for argument in "$@"; do
    case $argument in
      *[!A-Za-z0-9_./:=-]*) command="$command '$argument'" ;;
      *) command="$command $argument" ;;
    esac
  done
  echo "$command"
  ask "$@"
  [ -z "$body" ] || echo "$body"
  printf '  -> %s\n\n' "$status"
  # shellcheck disable=SC2053
  [[ $status = $expected ]] || fail "expected status $expected, got $status"
}

# The first value of a field in $body, without quotes
field() {
  printf '%s' "$body" | tr -d '\n' | sed 's/" *: */":/g' | grep -o "\"$1\":[^,}]*" | head -n 1 | sed 's/^[^:]*://; s/"//g' || true
}

count() {
  printf '%s' "$body" | tr -d '\n' | sed 's/" *: */":/g' | grep -o "\"$1\":\"$2\"" | wc -l | tr -d ' '
}

expect() { # expect FIELD VALUE
  [ "$(field "$1")" = "$2" ] || fail "expected \"$1\" to be $2, got: $(field "$1")"
}

# Asks every half second until the field has the value: await SECONDS FIELD VALUE URL
await() {
  local end=$(($(date +%s) + $1))
  while true; do
    ask "$4"
    [ "$(field "$2")" != "$3" ] || return 0
    [ "$(date +%s)" -lt "$end" ] || fail "\"$2\" of $4 was not $3 within $1 s, but: $(field "$2")"
    sleep 0.5
  done
}

token=${TOKEN:-$(curl -s -m 20 -u demo:demo-secret -d grant_type=client_credentials "$base/oauth2/token" | cut -d'"' -f4 || true)}
[ -n "$token" ] || fail "no token from $base/oauth2/token"

echo "# An account"
show 201 -X POST "$base/v1/accounts" -H "$json" -d '{"name":"Ada","currency":"EUR"}'
account=$(field id)

echo "# Pay in 12.50 EUR: 201, or 202 where the machine is slow to begin with"
show '20[12]' -X POST "$base/v1/payments" -H "$json" -H "Idempotency-Key: $run-first" \
  -d "{\"account\":\"$account\",\"kind\":\"pay_in\",\"amount\":1250,\"currency\":\"EUR\",\"instrument\":\"tok_ok\"}"
first=$(field id)
await 60 status succeeded "$base/v1/payments/$first"

echo "# What became of it"
show 200 "$base/v1/accounts/$account"
expect posted 1250
# part of notifications
await 10 type payment.succeeded "$base/v1/notifications?account=$account"
show 200 "$base/v1/notifications?account=$account"
[ "$(count type payment.succeeded)" = 1 ] || fail "expected one notification"
# end of notifications

echo "# The provider hangs: a pay-in is taken, its outcome unknown"
show 200 -X PUT "$provider/faults" -H "$json" -d '{"mode":"hang"}'
hanging=yes
show 202 -X POST "$base/v1/payments" -H "$json" -H "Idempotency-Key: $run-second" \
  -d "{\"account\":\"$account\",\"kind\":\"pay_in\",\"amount\":750,\"currency\":\"EUR\",\"instrument\":\"tok_ok\"}"
second=$(field id)

echo "# The provider is well again: the payment becomes final by itself"
show 200 -X PUT "$provider/faults" -H "$json" -d '{"mode":"none"}'
hanging=
await 60 status succeeded "$base/v1/payments/$second"
show 200 "$base/v1/payments/$second"
expect status succeeded
show 200 "$base/v1/accounts/$account"
expect posted 2000

echo "# Pay out 5.00 EUR"
show 201 -X POST "$base/v1/payments" -H "$json" -H "Idempotency-Key: $run-third" \
  -d "{\"account\":\"$account\",\"kind\":\"pay_out\",\"amount\":500,\"currency\":\"EUR\",\"instrument\":\"tok_ok\"}"
expect status succeeded
third=$(field id)

echo "# Refund 2.50 EUR of the first payment"
show 201 -X POST "$base/v1/payments/$first/refunds" -H "$json" -H "Idempotency-Key: $run-refund" -d '{"amount":250}'
expect status succeeded
refund=$(field id)
show 200 "$base/v1/accounts/$account"
expect posted 1250
expect held 0

echo "# What the provider did: one operation for each"
show 200 "$provider/operations"
for payment in "$first" "$second" "$third" "$refund"; do
  [ "$(count reference "$payment")" = 1 ] || fail "expected one operation for $payment, got $(count reference "$payment")"
done

echo "Done: two pay-ins, a pay-out and a refund, four operations at the provider, 12.50 EUR."
