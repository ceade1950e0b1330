export interface Chapter {
  slug: string
  title: string
  summary: string
}

export const chapters: Chapter[] = [
  {
    slug: "foundations-of-physical-ai",
    title: "Foundations of Physical AI",
    summary: "The perception–action loop, and what a body changes about decisions.",
  },
  {
    slug: "sensing-and-perception",
    title: "Sensing and Perception",
    summary: "Encoders, inertial units and cameras, fused into one honest estimate.",
  },
  {
    slug: "kinematics-and-control",
    title: "Kinematics and Control",
    summary: "From joint angles to hand poses, and the feedback that tracks them.",
  },
  {
    slug: "ros-2-in-practice",
    title: "ROS 2 in Practice",
    summary: "Topics, actions, quality of service and time on a real robot.",
  },
  {
    slug: "humanoid-locomotion",
    title: "Humanoid Locomotion",
    summary: "Balance, capture points, and walking that survives a push.",
  },
]
