import { placeholders } from "../settings/placeholders.js"
import { commentedJson, type Key } from "./commented.js"
import { type Branches, type Remote, slug, titled } from "./remote.js"
import { folderOf, inFolder } from "./repository.js"
import type { Service } from "./service.js"
import type { Site } from "./site.js"

/** What the settings are written from. */
export interface SettingsFacts {
  remote: Remote
  branches: Branches
  site: Site | undefined
  service: Service | undefined
  /** Where editors get the schema of the file from; "" for nowhere. */
  schema: string
}

/** delivery.json of a project that has none; each guess that may be wrong has a comment that begins with GUESS. */
export function settingsFile({ remote, branches, site, service, schema }: SettingsFacts): string {
  const { owner, name, isKnown } = remote
  const isNamed = name !== placeholders.name
  const base = slug(name)
  const place = (suffix: string, branch: string, unsure = ""): Key[] => [
    { name: "branch", value: branch, ...guess(unsure) },
    ...(site ? [{ name: "frontend", value: siteKeys(site, `${base}${suffix}`) }] : []),
    ...(service
      ? [{ name: "backend", value: [{ name: "space", value: `${isKnown ? owner : slug(owner)}/${base}${suffix}` }] }]
      : []),
  ]
  const keys: Key[] = [
    ...(schema ? [{ name: "$schema", value: schema }] : []),
    {
      name: "project",
      value: [
        {
          name: "title",
          value: site?.title || (isNamed ? titled(name) : "Product"),
          ...guess(site?.title || isNamed ? "" : "nothing here has a name; write what people call it"),
        },
        {
          name: "source",
          value: `https://github.com/${owner}/${name}`,
          ...guess(
            isKnown
              ? ""
              : `Git names no remote at GitHub; write the repository's address here, with its owner in place of ${owner}`,
          ),
        },
      ],
    },
    ...(service
      ? [
          {
            name: "image",
            value: [
              {
                name: "repository",
                value: `ghcr.io/${owner.toLowerCase()}/${service.source === "." ? base : `${base}/${slug(service.source)}`}`,
              },
            ],
            notes: [
              "Where the service's image is pushed. Hugging Face pulls it without a password, so the package must be public.",
              ...(isKnown
                ? []
                : ["GUESS: owner and name are those of the repository at GitHub; write them here in lower case."]),
            ],
          },
        ]
      : []),
    ...(site
      ? [
          {
            name: "frontend",
            value: frontendKeys(site, service ? "" : `ghcr.io/${owner.toLowerCase()}/${base}-site`, isKnown),
          },
        ]
      : []),
    ...(service ? [{ name: "backend", value: backendKeys(service) }] : []),
    {
      name: "environments",
      value: [
        { name: "staging", value: place("-staging", branches.staging) },
        { name: "production", value: place("", branches.production, branches.unsure) },
      ],
      notes: [
        `GUESS: the names of the${site ? " Netlify sites" : ""}${site && service ? " and" : ""}${service ? " Spaces" : ""} follow the repository's name${service && !isKnown ? ", and owner stands for your name at Hugging Face" : ""}; write those that are yours.`,
      ],
    },
  ]
  return commentedJson(keys, [
    "Written by `dagger call init` from what it found in the repository; it is yours now.",
    "docs/deployment/reference/settings.md of the module describes every key. A line with GUESS is worth a look.",
  ])
}

/**
 * @param artifact where its files are kept; "" where the image's name already says it.
 * @param isKnown whether that has the right owner and name.
 */
const frontendKeys = (site: Site, artifact: string, isKnown: boolean): Key[] => [
  {
    name: "source",
    value: site.source,
    ...guess(
      oneOf("site", site),
      site.unsure && `${site.unsure}, so this may be no site: then take the part frontend out, here and below`,
    ),
  },
  ...(site.buildScript === "build" ? [] : [{ name: "buildScript", value: site.buildScript }]),
  { name: "output", value: site.output, ...guess(site.outputUnsure) },
  ...(site.configFile
    ? [
        {
          name: "configFile",
          value: site.configFile,
          notes: ["Written anew for each environment: its name, and the address of the service."],
        },
      ]
    : []),
  ...(artifact
    ? [
        {
          name: "artifact",
          value: artifact,
          notes: [
            "Where built sites are kept, so that a promotion takes the very files.",
            ...(isKnown
              ? []
              : ["GUESS: owner and name are those of the repository at GitHub; write them here in lower case."]),
          ],
        },
      ]
    : []),
  ...(site.untested ? [untested("The site", site.untested)] : []),
]

const guess = (...whys: string[]) => {
  const notes = whys.filter(Boolean).map((why) => `GUESS: ${why}.`)
  return notes.length > 0 ? { notes } : {}
}

const oneOf = (what: string, { others }: { others: string[] }) =>
  others.length > 0 ? `a project delivers one ${what}; also here: ${others.join(", ")}` : ""

const untested = (what: string, why: string): Key => ({
  name: "untested",
  value: why,
  notes: [`${what} is delivered without tests as long as this line stands; remove it once there are some.`],
})

const siteKeys = ({ title }: Site, site: string): Key[] => [
  { name: "site", value: site },
  ...(title
    ? []
    : [
        {
          name: "title",
          value: "",
          notes: ["GUESS: no title was found in the sources, so none is asked of the first page; write a part of it."],
        },
      ]),
]

function backendKeys(service: Service): Key[] {
  const { source, dockerfile, context, port, health, databaseVariable, testsDatabase, hasTests } = service
  const ownContext = context !== source
  const isUsual = dockerfile === "" || dockerfile === inFolder(source, "Dockerfile")
  return [
    { name: "source", value: source, ...guess(oneOf("service", service)) },
    ...(ownContext ? [{ name: "context", value: context }] : []),
    ...(isUsual
      ? []
      : [
          {
            name: "dockerfile",
            value: context === "." ? dockerfile : dockerfile.slice(folderOf(dockerfile).length + 1),
          },
        ]),
    ...(port === 7860 ? [] : [{ name: "port", value: port }]),
    ...healthKeys(service),
    ...(health?.commit
      ? []
      : [
          {
            name: "commitFrom",
            value: "host",
            notes: [
              "The health answer tells no commit, so what runs is proven by the image's digest. The image has the commit in the variable COMMIT.",
            ],
          },
        ]),
    ...(databaseVariable && databaseVariable !== "DATABASE_URL"
      ? [{ name: "databaseVariable", value: databaseVariable }]
      : []),
    ...(testsDatabase
      ? [
          {
            name: "testDatabase",
            value: true,
            notes: [`GUESS: the tests read ${databaseVariable}, so they get a PostgreSQL of their own.`],
          },
        ]
      : []),
    ...(hasTests ? [] : [untested("The service", "it has no tests yet")]),
  ]
}

function healthKeys({ health }: Service): Key[] {
  if (!health)
    return [
      {
        name: "health",
        value: [{ name: "path", value: "/health" }],
        notes: [
          'GUESS: no path was found that says how the service is; it must answer JSON such as {"status": "ok"} here.',
        ],
      },
    ]
  const keys: Key[] = [
    { name: "path", value: health.path },
    ...(health.field ? [{ name: "field", value: health.field }] : []),
    ...(health.values.length > 0 ? [{ name: "values", value: health.values }] : []),
    ...(health.commit && health.commit !== "commit"
      ? [{ name: "commit", value: [{ name: "field", value: health.commit }] }]
      : []),
  ]
  return [{ name: "health", value: keys, ...guess(health.unsure) }]
}
