import type { Verdict } from "../../src/exposed-types.js"
import type { Clock } from "../clock.js"
import { HealthState } from "../deployment/health-probe.js"
import type { Deployment } from "../deployment/outcome.js"
import type { ProductDeployment } from "../deployment/product-release.js"
import type { AnyTarget } from "../deployment/target.js"
import { noTracer, type Tracer } from "../deployment/tracer.js"
import { type Notifier, notifying } from "../notifications/notifier.js"
import { type Operation, type OperationResult, resultOf } from "../notifications/operation.js"
import type { ScenarioDeployment } from "./report-pages.js"
import type { Event } from "./timeline.js"

/** Records the time of each scenario, and whether it ended as expected. */
export class Scenarios {
  readonly events: Event[] = []
  readonly wrong: string[] = []
  readonly deployments: ScenarioDeployment[] = []
  private readonly began: number

  private notifier: Notifier | undefined

  constructor(
    private readonly clock: Clock,
    private readonly notifierOf: (operation: Operation) => Notifier,
  ) {
    this.began = this.now()
  }

  /** Lets the notifier of the current scenario notice when it begins to change something. */
  readonly tracer: Tracer = { step: (step, act) => (this.notifier?.tracer ?? noTracer).step(step, act) }

  /** Runs a scenario with its notifications; an undelivered one fails the rehearsal. */
  private async notified<Result>(
    name: string,
    operation: Operation,
    act: () => Promise<Result>,
    described: (result: Result) => OperationResult,
  ): Promise<Result> {
    this.notifier = this.notifierOf(operation)
    const { result, undelivered } = await notifying(this.notifier, operation, this.clock, act, described)
    this.wrong.push(...undelivered.map((line) => `${name}: ${line}`))
    return result
  }

  private now = () => this.clock.now().getTime()

  async run<Result>(
    name: string,
    budgetSeconds: number,
    act: () => Promise<Result>,
    described = (result: Result): string => (typeof result === "string" && !result.startsWith("/") ? result : ""),
  ): Promise<Result> {
    const began = this.now()
    const note = (verdict: string, detail: string) =>
      this.events.push({
        name,
        component: "",
        environment: "",
        verdict,
        detail,
        steps: [],
        ...this.times(began, budgetSeconds),
      })
    try {
      const result = await act()
      note("done", described(result))
      return result
    } catch (failure) {
      note("failed", (failure as Error).message)
      throw failure
    }
  }

  /** The same for what must not end the rehearsal: its failure is one of the things that are wrong. */
  async look(name: string, budgetSeconds: number, act: () => Promise<string>): Promise<string> {
    try {
      return await this.run(name, budgetSeconds, act, (said) => (said.includes("\n") ? "" : said))
    } catch (failure) {
      this.wrong.push(`${name}: ${(failure as Error).message}`)
      return ""
    }
  }

  async deployment(
    what: string,
    expected: Verdict,
    budgetSeconds: number,
    operation: Operation,
    act: () => Promise<Deployment>,
  ): Promise<Deployment> {
    const began = this.now()
    const deployment = await this.notified(what, operation, act, resultOf)
    this.deployments.push({ scenario: what, deployment })
    const { component, environment, verdict, reason, failed, steps } = deployment
    const name = `${what} (${component}, ${environment})`
    const ended = { name, component, environment, verdict, detail: reason, steps }
    this.ended({ ...ended, ...this.times(began, budgetSeconds) }, expected, failed)
    return deployment
  }

  async product(
    what: string,
    expected: Verdict,
    budgetSeconds: number,
    operation: Operation,
    act: () => Promise<ProductDeployment>,
  ): Promise<void> {
    const began = this.now()
    const { environment, verdict, reason, failed, components } = await this.notified(what, operation, act, resultOf)
    this.deployments.push(...components.map((deployment) => ({ scenario: what, deployment })))
    const name = `${what} (${environment})`
    const steps = components.flatMap(({ component, steps }) =>
      steps.map((step) => ({ ...step, name: `${component}: ${step.name}` })),
    )
    const ended = { name, component: "", environment, verdict, detail: reason, steps }
    this.ended({ ...ended, ...this.times(began, budgetSeconds) }, expected, failed)
  }

  private ended(event: Event, expected: Verdict, failed: string): void {
    this.events.push(event)
    const { name, verdict, detail } = event
    if (verdict !== expected) this.wrong.push(`${name} ended ${verdict}, expected ${expected}: ${failed} ${detail}`)
  }

  /** Probes what visitors get now. Returns it as a sentence. */
  async proof(name: string, { host, probe }: AnyTarget, commit: string): Promise<string> {
    const live = await host.live()
    const health = await probe(live?.url ?? "", commit, live?.id ?? "")
    if (health.state !== HealthState.Healthy) this.wrong.push(`${name} should serve ${commit}: ${health.reason}`)
    return `${name} serves ${commit.slice(0, 7)}`
  }

  private times(began: number, budgetSeconds: number) {
    return { startMilliseconds: began - this.began, milliseconds: this.now() - began, budgetSeconds }
  }
}
