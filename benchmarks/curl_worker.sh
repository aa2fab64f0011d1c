#!/bin/sh
# What people write today: one dataset by curl, as the FAIR Cookbook's recipe does it: create, upload each file, publish.
# curl_worker.sh URL [--hash] FOLDER; run side by side by xargs -P. It checks nothing and resumes nothing; with --hash
# md5sum reads each file while it is sent.
set -eu
url=$1/api/deposit/depositions
hash=
if [ "$2" = --hash ]; then
    hash=yes
    shift
fi
folder=$2
title=$(basename "$folder")
metadata='{"metadata": {"title": "'$title'", "upload_type": "dataset", "description": "Numbers.", "creators": [{"name": "Doe, Jane"}]}}'
made=$(curl -sf -X POST -H 'Content-Type: application/json' -d "$metadata" "$url")
id=$(printf %s "$made" | sed -E 's/.*"id": ?([0-9]+),.*/\1/')
bucket=$(printf %s "$made" | sed -E 's/.*"bucket": ?"([^"]+)".*/\1/')
for file in "$folder"/*; do
    [ -z "$hash" ] || md5sum "$file" &
    curl -sf -o /dev/null -H 'Content-Type: application/octet-stream' -T "$file" "$bucket/$(basename "$file")"
    wait
done
curl -sf -o /dev/null -X POST "$url/$id/actions/publish"
