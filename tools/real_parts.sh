#!/usr/bin/env bash
# Installs what the marked tests talk to: PostgreSQL and mosquitto from Debian, Kafka's broker from its Maven jars.
set -euo pipefail
cd "$(dirname "$0")/.."
missing=()
[ -x "$(ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1)" ] || missing+=(postgresql)
[ -x /usr/sbin/mosquitto ] || missing+=(mosquitto)
command -v promtool >/dev/null || missing+=(prometheus)
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
if [ "${#missing[@]}" -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { echo "missing: ${missing[*]}; install them, or run this as root" >&2; exit 1; }
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
if [ -f tests/kafka/pom.xml ] && [ ! -d .cache/kafka/libs ]; then
  mvn -q -B -f tests/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory="$PWD/.cache/kafka/libs"
fi
if command -v npm >/dev/null && [ ! -d .cache/asyncapi/node_modules/@asyncapi/specs ]; then
  npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix .cache/asyncapi @asyncapi/specs@6.11.1
fi
