import { expect, it } from "vitest"
import { imageBudget, imageSizeText } from "../../lib/image/image-budget.js"

const digest = (at: number) => `sha256:${String(at).repeat(64)}`
const manifest = (sizes: number[], config = 0) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digest(0), size: config },
    layers: sizes.map((size, at) => ({ digest: digest(at + 1), size })),
  })
const config = JSON.stringify({
  history: [
    { created_by: "/bin/sh -c #(nop) ADD file:0 in /" },
    { created_by: "ENV A=b", empty_layer: true },
    { created_by: "COPY /opt/venv /opt/venv # buildkit" },
  ],
})

it("passes at the budget and fails one byte over it", () => {
  expect(imageBudget(manifest([149_999_000], 1000), "", 150)).toMatchObject({ passed: true, bytes: 150_000_000 })
  expect(imageBudget(manifest([149_999_001], 1000), "", 150)).toMatchObject({ passed: false, bytes: 150_000_001 })
})

it("never shows what is over the budget as equal to it", () => {
  expect(imageSizeText(imageBudget(manifest([150_000_001]), "", 150)).split("\n")[0]).toBe(
    "150.1 MB compressed in 1 layer, OVER the budget of 150 MB",
  )
})

it("names the heaviest layers by the step that made them", () => {
  expect(imageSizeText(imageBudget(manifest([9_000_000, 61_000_000]), config, 150))).toBe(
    `70.0 MB compressed in 2 layers, within the budget of 150 MB
  61.0 MB  COPY /opt/venv /opt/venv
   9.0 MB  ADD file:0 in /`,
  )
})

it("names the steps of the engine's builder by the Dockerfile's instructions", () => {
  const steps = [
    "import image layer sha256:3b02eea966d1fe387358eaebcdebda36b50097288d249a28d019c6",
    "Directory.withDirectoryDockerfileCompat",
    "mount / from exec /bin/sh -c useradd app",
    "withNewDirectory /srv/backend",
  ]
  const history = JSON.stringify({ history: steps.map((step) => ({ created_by: step })) })
  expect(imageBudget(manifest([4, 3, 2, 1]), history, 150).layers.map(({ madeBy }) => madeBy)).toEqual([
    "FROM",
    "COPY",
    "RUN useradd app",
    "WORKDIR /srv/backend",
  ])
})

it.each(["", "not JSON", "{}", JSON.stringify({ history: [{ created_by: "RUN of another image" }] })])(
  "names them by digest when the configuration is %j",
  (other) => {
    expect(imageSizeText(imageBudget(manifest([9, 61]), other, 150))).toContain("sha256:111111111111")
  },
)

it.each([
  ["empty", "", "it is empty"],
  ["cut off", manifest([1]).slice(0, -5), "it is not JSON, or is cut off"],
  ["of several platforms", JSON.stringify({ schemaVersion: 2, manifests: [] }), "it lists several platforms"],
  ["of Docker's first schema", JSON.stringify({ schemaVersion: 1, fsLayers: [] }), "schemaVersion is not what"],
  ["without layers", manifest([]), "layers is not what"],
  ["with a size below zero", manifest([-1]), "layers.0.size is not what"],
])("throws for a manifest that is %s, which is no pass", (_, text, why) => {
  expect(() => imageBudget(text, "", 150)).toThrow(why)
})
