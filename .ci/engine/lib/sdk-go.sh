# shellcheck shell=bash
# The image of the Go SDK, which builds sdk/typescript inside the engine.

# The engine runs SDK modules' code generation and compiler in this image. All that they need is
# in it: a file proxy with their Go modules, those modules unpacked, and a warm build cache.
make_go_sdk() {
  local root=$home/roots/go-sdk probe=$home/roots/go-probe commit
  commit=$(<"$home/bin/.go-library-commit")
  make_root "$root" ca-certificates,git,openssh-client
  install -D "$home/bin/codegen" "$root/usr/local/bin/codegen"
  (cd "$(cd "$kit/build" && go env GOROOT)" && tar -cf - --exclude=./test --exclude=./api --exclude=./doc .) |
    (mkdir "$root/usr/local/go" && tar -C "$root/usr/local/go" -xf -)

  # The TypeScript runtime is the one Go module that gets built; before its code is generated,
  # prewarm/imports.go stands for that code's imports.
  rm -rf "$probe"
  cp -r "$kit/sdk/prewarm" "$probe"
  cp "$kit"/sdk/typescript/go.* "$probe/"
  fill_go_proxy "$probe" "$root/opt/goproxy" "$commit"
  rm -rf "$probe"
  cp -r "$kit/sdk/prewarm" "$root/tmp/probe"
  cp "$kit"/sdk/typescript/go.* "$root/tmp/probe/"

  # The same commands as the SDK's, with no network: they fill the caches and prove the proxy whole.
  in_root "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/go/bin:/usr/bin:/bin "${go_settings[@]}" bash -euc "
    cd /tmp/probe
    rm go.sum
    go get dagger.io/dagger@$commit github.com/dagger/querybuilder
    go mod tidy
    go build -ldflags '-s -w' -o /dev/null ."
  rm -rf "$root/tmp/probe"
  # Unpacked modules need no archives.
  find "$root/go/pkg/mod/cache/download" -name '*.zip' -delete

  local settings=() setting
  for setting in PATH=/usr/local/go/bin:/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${go_settings[@]}"; do
    settings+=(--config.env "$setting")
  done
  store_image "$root" go "${settings[@]}"
}

go_settings=(GOPATH=/go GOTOOLCHAIN=local GOPROXY=file:///opt/goproxy GOSUMDB=off GOFLAGS=-mod=mod)

# fill_go_proxy MODULE PROXY COMMIT: a file proxy with what the SDK's go commands ask for.
fill_go_proxy() {
  local cache=$home/roots/go-modules
  rm -rf "$cache"
  (
    export GOMODCACHE=$cache GOFLAGS="-mod=mod -modcacherw" GOWORK=off
    cd "$1"
    go get "dagger.io/dagger@$(dagger_version)"
    go mod tidy
    go build -o /dev/null .
    # Without recorded sums Go reads go.mod files further down the graph. The checksum database
    # doesn't know this one module, whose recorded sum was just checked.
    rm go.sum
    GONOSUMDB=github.com/dagger/otel-go go mod tidy
    # And the go.mod files that those of the modules in use name, some of which tidy reads.
    cd "$cache/cache/download"
    find . -name '*.zip' | sed 's/zip$/mod/' | xargs cat | grep -v '=>' |
      sed -n 's/^[[:space:]]*\(require \)\?"\?\([a-z][^ /"]*\.[^ "]*\)"\? \(v[^ ]*\).*/\2@\3/p' | sort -u >"$home/roots/requirements"
    mkdir "$cache/list"
    cd "$cache/list"
    GONOSUMDB=github.com/dagger/* xargs go list -e -m -f '{{.GoMod}}' <"$home/roots/requirements"
  )
  mkdir -p "$(dirname "$2")"
  mv "$cache/cache/download" "$2"
  rm -rf "$cache" "$2/sumdb"
  find "$2" -name '*.lock' -delete
  # The engine asks for the library by commit, and for the latest of its other module.
  echo "{\"Version\":\"$(dagger_version)\"}" >"$2/dagger.io/dagger/@v/$3.info"
  cp "$2"/github.com/dagger/querybuilder/@v/*.info "$2/github.com/dagger/querybuilder/@latest"
  touch "$2/github.com/dagger/querybuilder/@v/list"
}
