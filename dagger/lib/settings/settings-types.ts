export type Settings = {
  /** What people type before a function, such as `dagger call`; from dagger.json, not from this file. */
  call: string
  project: ProjectSettings
  /** `undefined` for a project without a site; `frontendOf` says so. */
  frontend?: FrontendSettings
  /** `undefined` for a project without a service; `backendOf` and `imageOf` say so. */
  backend?: BackendSettings
  image?: ImageSettings
  /** `undefined` where installed packages are kept nowhere but in the engine. */
  cache?: CacheSettings
  /** What a linter that the project does not configure is asked for: the small set that is always a bug, or all of its own. */
  lint: "bugs" | "all"
  links: Links
  providers: ProviderAddresses
  scan: ScanSettings
  probe: ProbePolicy
  budgets: BudgetSeconds
  targets: TargetSettings
  environments: Record<string, EnvironmentSettings>
}

export type FrontendSettings = {
  /** Folder in the checkout. */
  source: string
  /** Folder that the `build` script writes, also beside `source`; paths from here on begin in `source`. */
  output: string
  coverage: string
  junit: string
  /** Percent; equal passes. */
  minLineCoverage: number
  /** Why none of its tests are run; "" when it must have some. */
  untested: string
  /** Script of package.json that runs the tests; "" for `test`, or what stands in for one that needs a browser. */
  testScript: string
  /** Script of package.json that writes the site. */
  buildScript: string
  /** Variables of tests, builds and linters: plain values. */
  env: Record<string, string>
  /** Release of Node.js, such as 22; "" for what the project says. */
  node: string
  /** Packages whose install scripts run. */
  installScripts: string[]
  /** File of the site that tells it its environment and the service's address, written for each environment; "" for none. */
  configFile: string
  /** Parts of netlify.toml that the site does without. */
  netlifyWithout: ("edge_functions" | "functions" | "plugins" | "images" | "redirects" | "headers")[]
  /** Debian's names. */
  systemPackages: string[]
  /** Where built sites are kept, as registry/owner/name; "" for nowhere. */
  artifact: string
  /** PEM of the key whose signature a kept site must have; "" where sites aren't signed. */
  publicKey: string
}

export type BackendSettings = {
  source: string
  coverage: string
  junit: string
  minLineCoverage: number
  untested: string
  /** Folder in the checkout that the image's build sees. */
  context: string
  /** From `context` on. */
  dockerfile: string
  /** Variables of tests, linters and migrations: plain values. */
  env: Record<string, string>
  /** Name of the variable in which the service looks for its database's URL. */
  databaseVariable: string
  /** Whether tests get a PostgreSQL of their own. */
  testDatabase: boolean
  /** Release of Python, such as 3.12; "" for what the project says. */
  python: string
  systemPackages: string[]
  /** Commands that install the packages in place of ours, in the service's folder. */
  install: string[]
  /** Port the app listens on in its container. */
  port: number
  health: HealthSettings
  /** What proves which version serves: its answer, or the digest in the revision that the host runs. */
  commitFrom: "answer" | "host"
  /** What a Space gets: the image's name, or the files that it is built from. */
  delivery: "image" | "source"
  /** Platforms that the image is built for, such as linux/amd64. The first is the one that a migration runs. */
  platforms: string[]
  /** Compressed, in units of 1,000,000 bytes; of each platform. */
  imageBudgetMegabytes: number
}

/** Where and how the service says how it is. */
export type HealthSettings = {
  path: string
  /** Field with the word; "" for a known one, or the whole answer. */
  field: string
  /** Words that mean healthy, in any case; the known ones when empty. */
  values: string[]
  /** Field with the dependencies; "" for a known one. */
  dependencies: string
  commit: CommitPlace
  /** What a deployment does where the live version answers in a form that can't be judged. */
  unjudged: "refuse" | "warn"
}

/** Where the service tells its commit. */
export type CommitPlace = {
  /** "" for the health's own. */
  path: string
  field: string
  /** Header in place of the field; "" for none. */
  header: string
}

export type ProjectSettings = {
  /** The product's name. */
  title: string
  /** Page of the source code at GitHub. */
  source: string
}

export type ImageSettings = {
  /** registry/owner/name, without a tag. */
  repository: string
  /** PEM of the key whose signature an image must have; "" where images aren't signed. */
  publicKey: string
}

export type CacheSettings = {
  /** registry/owner/name, without a tag; another one than that of the image. */
  repository: string
  /** PEM of the key whose signature an entry must have; "" where nothing is signed. */
  publicKey: string
}

/** Pages that messages link to. */
export type Links = { troubleshooting: string }

/** The API addresses of the providers; others for a stand-in, a proxy or an Enterprise server. */
export type ProviderAddresses = { netlify: string; huggingFace: string; gitHub: string }

export type ScanSettings = {
  /** Severities that stop a deployment, as Trivy names them. */
  severities: string[]
  ignores: ScanIgnore[]
  /** Whether only findings that the live image does not have stop an image. */
  onlyNew: boolean
  trivyVersion: string
  /** Where Trivy's database is, as registry/name:version. */
  database: string
}

export type ScanIgnore = {
  id: string
  owner: string
  reason: string
  /** Its last day, such as 2027-01-31. */
  expires: string
}

/** Whole seconds that a step may take. */
export type BudgetSeconds = { tests: number; frontend: number; image: number; backend: number; rollback: number }

/** The targets of the metrics; a time of 0 is no target. */
export type TargetSettings = {
  /** Percent of the deployments that go live, at least. */
  successPercent: number
  /** Percent of the releases that reached visitors and were reverted, at most. */
  changeFailurePercent: number
  /** From the commit to live, at most; the median counts. */
  leadTimeHours: number
  /** From a failure to the next success, at most; the median counts. */
  restoreMinutes: number
}

export type EnvironmentSettings = {
  name: string
  /** Whether visitors use it; its secrets' names have no suffix. */
  production: boolean
  branch: string
  /** Address of the backend, for the site. */
  apiUrl: string
  /** `undefined` where the environment has no site; `siteOf` says so. */
  frontend?: EnvironmentFrontend
  /** `undefined` where the environment has no service; `spaceOf` says so. */
  backend?: EnvironmentBackend
  secrets: SecretNames
  probe: ProbePolicy
  /** Of its branch, which no other environment has. */
  protection: ProtectionSettings
  /** Slack IDs of the people and groups to mention after a failure. */
  page: string[]
  notify: NotifySettings
}

/** The notifications of an environment. */
export type NotifySettings = {
  /** `started`, and the verdicts that send a message to Slack. */
  slack: string[]
  /** `rollback` for a manual one, and the verdicts that open an incident. */
  incidents: string[]
  /** Whether commits get a status. */
  statuses: boolean
}

export type EnvironmentFrontend = {
  /** The domain or ID of the site at Netlify. */
  site: string
  url: string
  /** A part of the first page's title. */
  title: string
  /** Whether every page and file that the first page links to must answer. */
  links: boolean
  /** How the site switches to a deploy: by restoring the draft, or by unlocking the site for a moment. */
  switchBy: "restore" | "lock"
}

export type EnvironmentBackend = {
  /** owner/name */
  space: string
  url: string
  /** Space that runs a candidate first; "" for none. */
  candidateSpace: string
  /** Dependencies that must be up in the health answer. */
  needs: string[]
  /** Whole seconds that the Space may take to build and start. */
  buildSeconds: number
  /** Public values that the service gets. */
  variables: Record<string, string>
  /** What the site's page asks of it in a visitor's browser; `undefined` where nobody asks so. */
  fromSite?: SitePage
}

/** The page of the site that asks the service. */
export type SitePage = {
  /** Such as https://book.example. */
  origin: string
  /** What it asks, and by which method. */
  path: string
  method: string
}

/** Names of secrets, never their values. */
export type SecretNames = { netlify: string; huggingFace: string; space: string; database: string; slack: string }

export interface ProbePolicy {
  /** Healthy answers in a row that make it healthy. */
  times: number
  /** Seconds to keep asking once the target has woken. */
  seconds: number
  /** Seconds that a sleeping or silent target gets to wake, apart from the above. */
  wakeUpSeconds: number
  /** Milliseconds before the second question; doubles up to `slowest`. */
  firstPause: number
  slowestPause: number
}

/** What a branch that is deployed asks of a change, as the settings say it. */
export type ProtectionSettings = {
  /** Commit statuses or checks that must succeed. */
  checks: string[]
  /** Approving reviews, 0 to 6. */
  reviews: number
  /** Whether a new commit takes earlier approvals back. */
  dismissStale: boolean
  /** Whether administrators are held to it as well. */
  admins: boolean
}
