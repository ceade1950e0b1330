# shellcheck shell=bash
# The image of the TypeScript SDK.

# The TypeScript SDK: the library in one bundle, Node.js, and the module that runs user modules.
make_typescript_sdk() {
  local root=$home/roots/typescript-sdk
  make_root "$root" ca-certificates
  install -D "$home/bin/codegen" "$root/usr/local/bin/codegen"
  install_node "$root"
  cp -r "$kit/sdk/typescript" "$root/runtime"
  cp -r "$kit/sdk/tools" "$root/opt/sdk"
  cp "$kit"/sdk/package*.json "$root/opt/sdk/"
  (cd "$root/opt/sdk" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund)
  bundle_library "$root/opt/sdk/library"
  store_image "$root" typescript
}

# bundle_library FOLDER: what a module's sdk/ holds beside its generated client, and for the kit's tools
# the part of the library that reads sources.
bundle_library() {
  local bin=$home/npm/node_modules/.bin options unused
  mkdir "$1"
  cp "$kit"/sdk/library/*.{ts,cjs} "$home/npm/"
  # Some bundled packages are CommonJS and call require.
  options=(--bundle --format=esm --platform=node --target=node24 --keep-names
    --banner:js="import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);")
  # Each call would load these for nothing: ways to other collectors of traces than the engine's, and what fetches an engine.
  unused=(@opentelemetry/exporter-{trace,logs,metrics}-otlp-grpc @opentelemetry/exporter-{prometheus,zipkin}
    @opentelemetry/propagator-{b3,jaeger} @opentelemetry/configuration adm-zip tar execa)
  unused=("${unused[@]/#/--alias:}")
  (
    cd "$home/npm"
    "$bin/esbuild" runtime.ts "${options[@]}" --alias:typescript=./typescript.ts --outfile="$1/core.js" \
      "${unused[@]/%/=./nothing.cjs}"
    "$bin/esbuild" describe.ts "${options[@]}" --external:typescript --outfile="$1/../library-describe.mjs"
    echo '{"compilerOptions": {"target": "ES2022", "module": "ESNext", "moduleResolution": "bundler", "skipLibCheck": true, "types": []}}' >tsconfig.json
    "$bin/dts-bundle-generator" --no-check --project tsconfig.json --export-referenced-types=false -o "$1/core.d.ts" \
      --external-inlines @dagger.io/dagger graphql-request @opentelemetry/api graphql @graphql-typed-document-node/core -- core.ts
  )
  cp "$kit"/sdk/library/{index,telemetry}.ts "$1/"
}
