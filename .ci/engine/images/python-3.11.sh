# shellcheck shell=bash disable=SC2034 # lib/images.sh reads them
# Python 3.11 with pip and venv, for projects that are not yet at ours; of the Debian release that has it.
tags="library/python:3.11-slim library/python:3.11-slim-bookworm library/python:3.11"
debian_release=bookworm
packages=ca-certificates,python3,python3-pip,python3-venv
settings=(--config.cmd python3 --config.env LANG=C.UTF-8
  --config.env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
  --config.env REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt)
populate() {
  ln -s ../../bin/python3 "$1/usr/local/bin/python"
  # Let pip install without a virtual environment, as in the image of the same name elsewhere.
  rm "$1"/usr/lib/python3.11/EXTERNALLY-MANAGED
}
