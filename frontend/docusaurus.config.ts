import type { Config } from "@docusaurus/types"
import type * as Preset from "@docusaurus/preset-classic"
import { themes } from "prism-react-renderer"
import rehypeKatex from "rehype-katex"
import remarkMath from "remark-math"
import contentSecurityPolicy from "./plugins/content-security-policy"
import versionFile from "./plugins/version-file"

const config: Config = {
  title: "Physical AI & Humanoid Robotics",
  tagline: "From sensor to step: how machines perceive, decide and move",
  favicon: "img/favicon.svg",
  // One artifact serves every environment, so this names production; staging's pages point search engines there.
  url: "https://physical-ai-humanoid-robotics.netlify.app",
  baseUrl: "/",
  // Its inline script would need a hole in the Content-Security-Policy, and the site is only ever served from the root.
  baseUrlIssueBanner: false,
  // Directories with an index.html are served alike by every static host.
  trailingSlash: true,
  onBrokenLinks: "throw",
  onBrokenAnchors: "throw",
  markdown: { hooks: { onBrokenMarkdownLinks: "throw" } },
  i18n: { defaultLocale: "en", locales: ["en"] },
  plugins: [versionFile, contentSecurityPolicy],
  presets: [
    [
      "classic",
      {
        docs: {
          sidebarPath: "./sidebars.ts",
          remarkPlugins: [remarkMath],
          rehypePlugins: [rehypeKatex],
        },
        blog: false,
        // Dates would make two builds of one commit differ.
        sitemap: { lastmod: null },
        theme: { customCss: "./src/css/custom.css" },
      } satisfies Preset.Options,
    ],
  ],
  themeConfig: {
    colorMode: { respectPrefersColorScheme: true },
    navbar: {
      title: "Physical AI & Humanoid Robotics",
      logo: { alt: "", src: "img/favicon.svg" },
      items: [{ type: "docSidebar", sidebarId: "chapters", position: "right", label: "Chapters" }],
    },
    footer: {
      style: "light",
      copyright: "Physical AI & Humanoid Robotics, published under the Apache License 2.0.",
    },
    prism: { theme: themes.github, darkTheme: themes.vsDark },
  } satisfies Preset.ThemeConfig,
}

export default config
