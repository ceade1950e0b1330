"""Drives a Hub, real or stand-in, as its users do: with huggingface_hub. Prints what came back as JSON."""

import json
import pathlib
import sys
import tempfile

from huggingface_hub import HfApi

endpoint, repository = sys.argv[1:3]
api = HfApi(endpoint=endpoint, token="hf_secret")
odd = {"notes/what is #1?.txt": "a heading", "notes/100%.txt": "all", "bom.csv": "\ufeffname\n"}
files = {
    "README.md": "---\ntitle: Book\nsdk: docker\n---\n",
    "Dockerfile": "FROM scratch\n",
    **odd,
}


def tree(folder: pathlib.Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file() and ".cache" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode())
    if "--renamed" not in sys.argv:
        api.create_repo(repository, repo_type="space", space_sdk="docker", exist_ok=True)
    commit = api.upload_folder(repo_id=repository, repo_type="space", folder_path=folder, commit_message="by the client")

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    api.snapshot_download(repository, repo_type="space", local_dir=folder, cache_dir=folder / ".cache")
    downloaded = tree(folder)

listed = api.list_repo_tree(repository, repo_type="space", recursive=True)
api.add_space_variable(repository, "LOG_LEVEL", "info")
print(
    json.dumps(
        {
            "commit": commit.oid,
            "same": {path: content for path, content in downloaded.items() if path in files} == files,
            "downloaded": sorted(downloaded),
            "listed": sorted(entry.path for entry in listed if hasattr(entry, "blob_id")),
            "commits": [one.title for one in api.list_repo_commits(repository, repo_type="space")],
            "variables": {key: one.value for key, one in api.get_space_variables(repository).items()},
            "stage": api.get_space_runtime(repository).stage,
        }
    )
)
