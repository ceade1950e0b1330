"""Drives GitHub, real or stand-in, as its users do: with PyGithub. Prints what came back as JSON."""

import json
import sys

from github import Auth, Github, GithubRetry

endpoint, name = sys.argv[1:3]
retry = GithubRetry(total=3, backoff_factor=0, secondary_rate_wait=1)
no_pauses = {"seconds_between_requests": 0, "seconds_between_writes": 0}
repository = Github(auth=Auth.Token("ghp_x"), base_url=endpoint, retry=retry, **no_pauses).get_repo(name)
repository.create_label("incident", "b60205")
for number in range(5):
    repository.create_issue(f"issue {number}", body="x", labels=["incident"])
    repository.create_deployment("main", environment="staging", required_contexts=[], auto_merge=False)
newest = next(iter(repository.get_deployments(environment="staging")))
for state in ["in_progress", "success", "inactive"]:
    newest.create_status(state, environment_url="https://book.example/")
print(
    json.dumps(
        {
            "name": repository.full_name,
            "issues": [one.title for one in repository.get_issues(labels=["incident"])],
            "deployments": len(list(repository.get_deployments(environment="staging"))),
            "states": [one.state for one in newest.get_statuses()],
            "branch": repository.get_branch("main").protected,
            "order": repository.compare("main", "staging").status,
            "pulls": repository.create_pull(base="main", head="staging", title="side").number,
            "merged": repository.merge("main", "staging", "by the client").sha is not None,
        }
    )
)
