#!/bin/sh
# What `make demo` does: an example batch into the embedded repository, from a state of its own.
set -eu
cd "$(dirname "$0")/.."
here=demo-state
mkdir -p "$here"
export BATCHDEP_DATABASE="$here/state.db" XDG_DATA_HOME="$PWD/$here" XDG_CONFIG_HOME="$PWD/$here"
batchdep=.venv/bin/batchdep
echo "\$ batchdep check manifests/example/batch.yaml"
"$batchdep" check manifests/example/batch.yaml
echo
echo "\$ batchdep submit manifests/example/batch.yaml --to local"
"$batchdep" submit manifests/example/batch.yaml --to local
echo
echo "Run make demo again: it finds that everything is done, and sends nothing."
echo "The demo keeps everything in $here/. To look at its records in a browser, run this instead,"
echo "and open the addresses above (Ctrl-C ends it):"
echo "  XDG_DATA_HOME=\$PWD/$here $batchdep local"
