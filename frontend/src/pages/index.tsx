import Link from "@docusaurus/Link"
import useDocusaurusContext from "@docusaurus/useDocusaurusContext"
import Layout from "@theme/Layout"
import { chapters } from "../lib/chapters"
import styles from "./index.module.css"

export default function Home() {
  const { siteConfig } = useDocusaurusContext()
  return (
    <Layout description="Five chapters on machines that perceive, decide and move, with a question box on every page.">
      <header className={styles.hero}>
        <div className="container">
          <h1>{siteConfig.title}</h1>
          <p>{siteConfig.tagline}</p>
          <Link className="button button--primary button--lg" to="/docs/foundations-of-physical-ai">
            Start reading
          </Link>
        </div>
      </header>
      <main className="container">
        <h2 className={styles.heading}>Five chapters</h2>
        <ol className={styles.chapters}>
          {chapters.map(({ slug, title, summary }) => (
            <li key={slug}>
              <Link to={`/docs/${slug}`}>
                <h3>{title}</h3>
                <p>{summary}</p>
              </Link>
            </li>
          ))}
        </ol>
      </main>
    </Layout>
  )
}
