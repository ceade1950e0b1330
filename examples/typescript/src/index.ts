import { type Directory, dag, type File, func, object, type Secret } from "@dagger.io/dagger"

/** Delivers a shop in its own way, from the functions of another module. */
@object()
export class Example {
  /** Check everything that the project has. */
  @func({ cache: "never" })
  async check(
    /** Settings instead of the project's delivery.json. */
    settings?: File,
  ): Promise<string> {
    return dag.delivery({ settings }).ci()
  }

  /** The site with a page of the shop's own beside it. */
  @func({ cache: "never" })
  site(
    /** Settings instead of the project's delivery.json. */
    settings?: File,
  ): Directory {
    return dag.delivery({ settings }).frontend().build().withNewFile("security.txt", "Contact: mailto:security@example.org\n")
  }

  /** Deploy the site once everything passed; the last line says that both happened. */
  @func({ cache: "never" })
  async release(
    /** Netlify token that may deploy the site. */
    netlifyToken: Secret,
    /** Settings instead of the project's delivery.json. */
    settings?: File,
  ): Promise<string> {
    const delivery = dag.delivery({ settings })
    await delivery.ci()
    const report = await delivery.frontend().deploy(netlifyToken, { environment: "staging" }).report()
    return `${report}checked and deployed\n`
  }
}
