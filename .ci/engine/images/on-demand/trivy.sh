# shellcheck shell=bash disable=SC2034,SC2154 # lib/images.sh reads them
# Trivy, built from its Go module, and beside the image a database of the advisories in trivy/.
tags="aquasec/trivy:$(trivy_version)"
packages=ca-certificates
settings=(--config.entrypoint trivy)
populate() { install -D "$home/trivy/trivy" "$1/usr/local/bin/trivy"; }
