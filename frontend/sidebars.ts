import type { SidebarsConfig } from "@docusaurus/plugin-content-docs"

const sidebars: SidebarsConfig = {
  chapters: [
    {
      type: "category",
      label: "Chapters",
      collapsible: false,
      link: {
        type: "generated-index",
        slug: "/",
        title: "Chapters",
        description: "Read them in order, or start with the one your robot is failing at.",
      },
      items: [
        "foundations-of-physical-ai",
        "sensing-and-perception",
        "kinematics-and-control",
        "ros-2-in-practice",
        "humanoid-locomotion",
      ],
    },
  ],
}

export default sidebars
