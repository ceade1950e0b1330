export enum Component {
  Frontend = "frontend",
  Backend = "backend",
}
