import { describe, expect, it } from "vitest"
import { dockerfileInSource, nodeTag, pythonTag } from "../../lib/checks/runtime-version.js"

const node = (said: Partial<Parameters<typeof nodeTag>[0]>) =>
  nodeTag({ setting: "", nvmrc: "", above: "", engines: "", volta: "", devEngines: "", ...said })
const python = (said: Partial<Parameters<typeof pythonTag>[0]>) =>
  pythonTag({ setting: "", pinned: "", above: "", requires: "", dockerfile: "", ...said })

describe("Node.js is", () => {
  it.each([
    [{}, "24-slim"],
    [{ nvmrc: "22\n" }, "22-slim"],
    [{ nvmrc: "v20.11.1" }, "20-slim"],
    [{ nvmrc: "lts/jod" }, "22-slim"],
    [{ nvmrc: "lts/*", engines: "<23" }, "22-slim"],
    [{ nvmrc: "22", engines: ">=24" }, "22-slim"],
    [{ volta: "18.20.4" }, "18-slim"],
    [{ engines: ">=20 <23" }, "22-slim"],
    [{ engines: "20.x || 22.x" }, "22-slim"],
    [{ engines: "^20.19.0 || >=22.12.0" }, "24-slim"],
    [{ engines: ">= 18" }, "24-slim"],
    [{ engines: "~20.11.0" }, "20.11-slim"],
    [{ engines: "20.0.0 - 20.9.0" }, "20.8-slim"],
    [{ engines: "20.11.1" }, "20.11.1-slim"],
    [{ engines: "=22.3.0" }, "22.3.0-slim"],
    [{ engines: ">=20.19.4 <20.99" }, "20-slim"],
    [{ engines: "14.x" }, "14-slim"],
    [{ nvmrc: "# as in production\n20\n" }, "20-slim"],
    [{ engines: "the newest" }, "24-slim"],
    [{ devEngines: "^22.3.0" }, "22-slim"],
    [{ nvmrc: "18", setting: "22.20.0" }, "22.20.0-slim"],
    [{ engines: "<4" }, undefined],
    [{ above: "v22.3.0\n" }, "22-slim"],
    [{ above: "lts/iron" }, "20-slim"],
    [{ above: "20", nvmrc: "22" }, "22-slim"],
    [{ above: "20", volta: "22.1.0" }, "22-slim"],
    [{ above: "20", engines: ">=18" }, "20-slim"],
    [{ above: "18", engines: ">=20 <23" }, "22-slim"],
    [{ above: "20", nvmrc: "lts/*" }, "24-slim"],
    [{ above: "lts/*", engines: "<23" }, "22-slim"],
    [{ above: "20", setting: "22" }, "22-slim"],
    [{ nvmrc: "# ours\npython 3.12.1\nnodejs 22.3.0 20.1.0\n" }, "22-slim"],
    [{ nvmrc: '[tools]\npython = "3.12"\nnode = "20"\n' }, "20-slim"],
    [{ nvmrc: "[tools]\nnode = ['lts/iron', '22']" }, "20-slim"],
    [{ nvmrc: "python 20.1.0\n" }, "24-slim"],
    [{ nvmrc: '[tools]\ngo = "20"\n' }, "24-slim"],
    // npm with engine-strict takes no other release than the one that both name.
    [{ nvmrc: "v20.11.1\n", engines: "20.11.1" }, "20.11.1-slim"],
    [{ volta: "22.3.0", engines: ">=22.3.0 <22.4" }, "22.3.0-slim"],
    [{ nvmrc: "20.11", engines: "~20.11.0" }, "20.11-slim"],
    [{ nvmrc: "20.11.1", engines: ">=20.11.1" }, "20-slim"],
    [{ nvmrc: "20.11.1", engines: "22.x" }, "20-slim"],
    // As PowerShell writes it, in UTF-16.
    [{ nvmrc: "\uFFFD\uFFFDv\u00002\u00002\u0000.\u00003\u0000.\u00000\u0000\r\u0000\n\u0000" }, "22-slim"],
  ])("what the project says, %j: %s", (said, tag) => expect(node(said)).toBe(tag))
})

describe("Python is", () => {
  it.each([
    [{}, "3.13-slim"],
    [{ pinned: "3.11.4\n" }, "3.11-slim"],
    [{ pinned: "# ours\ncpython-3.12" }, "3.12-slim"],
    [{ requires: ">=3.10,<3.13" }, "3.12-slim"],
    [{ requires: ">=3.9" }, "3.13-slim"],
    [{ requires: "~=3.11" }, "3.13-slim"],
    [{ requires: "~=3.11.0" }, "3.11-slim"],
    [{ requires: "==3.12.*" }, "3.12-slim"],
    [{ requires: "^3.10,<3.12" }, "3.11-slim"],
    [{ requires: ">=3.10, !=3.13.*" }, "3.12-slim"],
    [{ requires: ">3.8,<=3.11" }, "3.11-slim"],
    [{ requires: ">=3.14" }, "3.14-slim"],
    [{ requires: "==3.11.4" }, "3.11.4-slim"],
    [{ requires: "3.10.12" }, "3.10.12-slim"],
    [{ requires: ">=3.11.2,<3.11.9" }, "3.11.8-slim"],
    [{ requires: ">=3.9,<3.12.12" }, "3.11-slim"],
    [{ pinned: "python3.12" }, "3.12-slim"],
    [{ dockerfile: `ARG VERSION=3.11\nFROM python:\${VERSION}-slim` }, "3.11-slim"],
    [{ dockerfile: 'ARG BASE="python:3.12-slim"\nFROM $BASE AS build\nFROM build' }, "3.12-slim"],
    [{ dockerfile: `FROM python:\${VERSION:-3.10}` }, "3.10-slim"],
    [{ dockerfile: "FROM ghcr.io/astral-sh/uv:0.9-python3.12-bookworm-slim AS build\nFROM scratch" }, "3.12-slim"],
    [{ dockerfile: "FROM \\\n  public.ecr.aws/docker/library/python:3.11" }, "3.11-slim"],
    [{ dockerfile: "FROM python:3.11 AS base\nFROM python:3.9 AS docs\nFROM base" }, "3.11-slim"],
    [{ dockerfile: "FROM python:3.10-slim" }, "3.10-slim"],
    [
      {
        requires: ">=3.10",
        dockerfile: "FROM node:22 AS site\nFROM --platform=linux/amd64 python:3.11-slim-bookworm\n",
      },
      "3.11-slim",
    ],
    [{ requires: ">=3.12", dockerfile: "FROM python:3.11" }, "3.13-slim"],
    [{ dockerfile: "FROM python:3.10 AS build\nFROM docker.io/library/python:3.12-alpine" }, "3.12-slim"],
    [{ pinned: "3.11", setting: "3.12.4" }, "3.12.4-slim"],
    [{ requires: "<3" }, undefined],
    [{ above: "3.11.9\n" }, "3.11-slim"],
    [{ above: "3.11", pinned: "3.12" }, "3.12-slim"],
    [{ above: "3.11", requires: ">=3.10" }, "3.11-slim"],
    [{ above: "3.10", requires: ">=3.11", dockerfile: "FROM python:3.12" }, "3.12-slim"],
    [{ above: "3.11", dockerfile: "FROM python:3.12" }, "3.11-slim"],
    [{ above: "3.11", setting: "3.12" }, "3.12-slim"],
    [{ pinned: "nodejs 22.3.0\npython 3.12.1 3.11.2\n" }, "3.12-slim"],
    [{ pinned: '[tools]\nnode = "22"\npython = "3.11"\n' }, "3.11-slim"],
    [{ pinned: "nodejs 22.3.0\n" }, "3.13-slim"],
    [{ pinned: "3.11.4\n", requires: "==3.11.4" }, "3.11.4-slim"],
    [{ pinned: "cpython-3.12.1\n", requires: ">=3.12,<3.12.5" }, "3.12.1-slim"],
    [{ pinned: "3.11.4\n", requires: ">=3.11.4" }, "3.11-slim"],
    [{ pinned: "3.11.4\n", requires: "3.12.1" }, "3.11-slim"],
    [{ pinned: "\uFFFD\uFFFD3\u0000.\u00001\u00001\u0000\r\u0000\n\u0000" }, "3.11-slim"],
    [{ dockerfile: `ARG VERSION=3.11\nARG IMAGE=python:\${VERSION}-slim\nFROM $IMAGE` }, "3.11-slim"],
    [{ dockerfile: `ARG VERSION=3.11\r\nARG VARIANT="slim"\r\nFROM python:$VERSION-$VARIANT\r\n` }, "3.11-slim"],
  ])("what the project says, %j: %s", (said, tag) => expect(python(said)).toBe(tag))
})

it.each([
  [{ source: "backend", context: "backend", dockerfile: "docker/Dockerfile" }, "docker/Dockerfile"],
  [{ source: "services/api", context: ".", dockerfile: "services/api/Dockerfile" }, "Dockerfile"],
  [{ source: "services/api", context: "services", dockerfile: "api/Dockerfile" }, "Dockerfile"],
  [{ source: "api", context: ".", dockerfile: "docker/api.Dockerfile" }, ""],
  [{ source: ".", context: ".", dockerfile: "Dockerfile" }, "Dockerfile"],
])("the Dockerfile of %j lies in the service's folder at %j", (paths, path) => {
  expect(dockerfileInSource(paths)).toBe(path)
})
