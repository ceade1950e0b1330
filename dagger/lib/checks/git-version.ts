import { normalized } from "./requirements.js"

/** Variables that stand for a version which would be asked of Git, by what asks; of what builds others too, by the project's name where it can be. */
const variables: [asks: RegExp, variable: (suffix: string) => string][] = [
  // https://setuptools-scm.readthedocs.io/en/latest/overrides/
  [
    /^(?:setuptools[-_]scm|vcs[-_]versioning|flit[-_]scm)\b/,
    (suffix) => (suffix ? `SETUPTOOLS_SCM_PRETEND_VERSION_FOR_${suffix}` : "SETUPTOOLS_SCM_PRETEND_VERSION"),
  ],
  // It doesn't tell setuptools-scm the project's name.
  [/^hatch-vcs\b/, () => "SETUPTOOLS_SCM_PRETEND_VERSION"],
  [/^pdm-backend\b/, () => "PDM_BUILD_SCM_VERSION"],
  [/^poetry-dynamic-versioning\b/, () => "POETRY_DYNAMIC_VERSIONING_BYPASS"],
  [/^uv-dynamic-versioning\b/, () => "UV_DYNAMIC_VERSIONING_BYPASS"],
  [/^pbr\b/, () => "PBR_VERSION"],
]

/**
 * Variables of the install for a project whose version comes from Git, whose folder isn't there; none for another.
 * @param builders requirements of what builds it, and plugins that take part. @param name of the project, "" for none.
 * @param setup texts of setup.py and setup.cfg, where older projects say it.
 */
export function versionVariables(builders: string[], name: string, setup: string): Record<string, string> {
  const inSetup = [
    ...(/\buse_scm_version\b|^\s*setuptools[-_]scm\b/m.test(setup) ? ["setuptools-scm"] : []),
    ...(/^\s*pbr\s*=\s*true\b|\bpbr\s*=\s*True\b/im.test(setup) ? ["pbr"] : []),
  ]
  const suffix = normalized(name).replaceAll("-", "_").toUpperCase()
  const asked = [...builders.map((it) => it.toLowerCase()), ...inSetup]
  const names = variables.filter(([asks]) => asked.some((it) => asks.test(it))).map(([, variable]) => variable(suffix))
  return Object.fromEntries(names.map((it) => [it, "0.0.0"]))
}
