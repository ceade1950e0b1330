# shellcheck shell=bash
# Trivy for pipelines that scan images: built only when asked for, since it takes minutes.

trivy_version() { sed -n 's#.*github.com/aquasecurity/trivy v\([0-9.]*\).*#\1#p' "$kit/trivy/go.mod" | head -n 1; }

build_trivy() {
  once trivy "$(key trivy/go.mod trivy/go.sum trivy/database lib/trivy.sh "$(cd "$kit/trivy" && go version)")" compile_trivy
  once image-trivy "$(key images/on-demand lib/images.sh "$(debian_key)" "$(<"$home/stamps/trivy")")" \
    build_image "$kit/images/on-demand/trivy.sh"
  once trivy-database "$(key trivy lib/trivy.sh)" \
    "$home/trivy/database" "$kit/trivy/advisories.json" "http://$registry" aquasecurity/trivy-db 2
}

compile_trivy() {
  mkdir -p "$home/trivy"
  cd "$kit/trivy"
  export GOWORK=off CGO_ENABLED=0
  go build -mod=readonly -trimpath -o "$home/trivy/database" ./database
  # Without the experiment the build stops at encoding/json/v2.
  GOEXPERIMENT=jsonv2 go build -mod=readonly -trimpath -o "$home/trivy/trivy" \
    -ldflags "-s -w -X github.com/aquasecurity/trivy/pkg/version/app.ver=$(trivy_version)" \
    github.com/aquasecurity/trivy/cmd/trivy
}
