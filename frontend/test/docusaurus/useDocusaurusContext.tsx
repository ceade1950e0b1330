export default () => ({ siteConfig: { title: "Physical AI & Humanoid Robotics", tagline: "From sensor to step" } })
