"""Tells what Alembic knows of a project, as JSON in a file of its own: what the project prints and logs goes elsewhere.

`alembic-facts.py MODE FILE [RANGE]`, in the folder with alembic.ini. MODE is one of
- read: the revision files, parsed and not run, for a place without the project's packages;
- revisions: the revisions by Alembic's own ScriptDirectory;
- current: these, and where the database is;
- sql: the statements of RANGE;
- upgrade: upgrades the database to the newest revision.
"""

import argparse
import ast
import configparser
import glob
import inspect
import io
import json
import os
import sys
import traceback

# A migration waits for nobody's lock for long, and never runs on for hours.
LIMITS = ("SET LOCAL lock_timeout = '10s'", "SET LOCAL statement_timeout = '300s'")
CONFIG = os.environ.get("ALEMBIC_CONFIG", "alembic.ini")


def config(mode, buffer=None):
    from alembic.config import Config

    more = {}
    # Alembic 1.16 and later.
    if os.path.exists("pyproject.toml") and "toml_file" in inspect.signature(Config.__init__).parameters:
        more["toml_file"] = "pyproject.toml"
    given = argparse.Namespace(x=None, tag=None, sql=mode == "sql", config=CONFIG, name="alembic", raiseerr=None)
    return Config(CONFIG, output_buffer=buffer, cmd_opts=given, **more)


def scripts(answer, settings):
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory.from_config(settings)
    folders = getattr(directory, "_version_locations", None) or [directory.versions]
    answer["folders"] = [relative(os.fspath(one)) for one in folders]
    for one in directory.walk_revisions():
        answer["revisions"].append(
            {
                "file": relative(os.fspath(one.path)),
                "revision": one.revision,
                "down": listed(one.down_revision),
                "depends": listed(getattr(one, "_resolved_dependencies", None)),
                "class": getattr(one.module, "deployment_class", None),
                "title": (one.doc or "").strip(),
            }
        )
    answer["revisions"].reverse()
    return directory


def current(answer):
    from alembic.runtime.environment import EnvironmentContext

    settings = config("current")
    directory = scripts(answer, settings)
    limit()

    def look(revisions, _):
        answer["current"] = listed(revisions)
        return []

    answer["current"] = None
    with EnvironmentContext(settings, directory, fn=look, dont_mutate=True):
        directory.run_env()
    if answer["current"] is None:
        raise RuntimeError(f"{relative(directory.env_py_location)} ended without context.run_migrations()")


def sql(answer, span):
    from alembic import command

    buffer = io.StringIO()
    command.upgrade(config("sql", buffer), span, sql=True)
    answer["sql"] = buffer.getvalue()


def upgrade(answer):
    from alembic import command

    limit()
    command.upgrade(config("upgrade"), "head")


def limit():
    """By SQL in each transaction: poolers refuse start-up options, and hand a session's settings on to others."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "begin")
    def begin(connection):
        if connection.dialect.name == "postgresql":
            # Through SQLAlchemy it would begin again.
            cursor = connection.connection.cursor()
            for statement in LIMITS:
                cursor.execute(statement)
            cursor.close()


def read(answer):
    folders, recursive = locations()
    answer["folders"] = [relative(folder) for folder in folders]
    for folder in folders:
        for file in sorted(glob.glob(os.path.join(folder, "**" if recursive else "", "*.py"), recursive=recursive)):
            if os.path.basename(file) != "__init__.py":
                answer["revisions"].append(parsed(file))


def locations():
    here = os.path.dirname(os.path.abspath(CONFIG))
    options = {}
    if os.path.exists("pyproject.toml"):
        import tomllib

        with open("pyproject.toml", "rb") as file:
            options.update(tomllib.load(file).get("tool", {}).get("alembic", {}))
    if os.path.exists(CONFIG):
        ini = configparser.ConfigParser(interpolation=None, strict=False)
        ini.read(CONFIG, encoding="utf-8-sig")
        options.update(ini["alembic"] if ini.has_section("alembic") else {})

    def path(text):
        text = text.strip().replace("%(here)s", here).replace("%%", "%")
        package, colon, rest = text.partition(":")
        return os.path.join(package.replace(".", "/"), rest) if colon and not os.path.isabs(text) else text

    location = str(options.get("script_location", "")).strip()
    if not location:
        return [], False
    given = options.get("version_locations", "")
    separator = options.get("path_separator") or options.get("version_path_separator") or ""
    if isinstance(given, str):
        mark = {"os": os.pathsep, "space": " ", "newline": "\n", ":": ":", ";": ";"}.get(separator.strip())
        given = given.split(mark) if mark else given.replace(",", " ").split()
    found = [path(one) for one in given if one.strip()] or [os.path.join(path(location), "versions")]
    recursive = str(options.get("recursive_version_locations", "")).lower() in ("true", "1", "yes", "on")
    return found, recursive


def parsed(file):
    wanted = {"revision": None, "down_revision": None, "depends_on": None, "deployment_class": None}
    with open(file, "rb") as opened:
        module = ast.parse(opened.read(), file)
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name) and target.id in wanted and value is not None:
                try:
                    wanted[target.id] = ast.literal_eval(value)
                except ValueError:
                    # Not written out: what it will be, only running the file would tell.
                    wanted[target.id] = None
    title = (ast.get_docstring(module) or "").split("\n")[0]
    return {
        "file": relative(file),
        "revision": wanted["revision"],
        "down": listed(wanted["down_revision"]),
        "depends": listed(wanted["depends_on"]),
        "class": wanted["deployment_class"],
        "title": title,
    }


def listed(value):
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(one) for one in value]


def relative(path):
    return os.path.relpath(path)


def told(failure):
    """The failure and what led to it, outermost first, and the last line of the project itself that took part."""
    chain, seen = [], set()
    one = failure
    while one is not None and id(one) not in seen and len(chain) < 10:
        seen.add(id(one))
        kind = type(one)
        chain.append({"type": f"{kind.__module__}.{kind.__qualname__}", "message": str(one)[:4000]})
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    here = os.getcwd() + os.sep
    frames = traceback.extract_tb(failure.__traceback__)
    own = [
        frame
        for frame in frames
        # What is frozen into Python, such as `<frozen os>`, has no path.
        if not frame.filename.startswith("<")
        and os.path.abspath(frame.filename).startswith(here)
        and "site-packages" not in frame.filename
    ]
    place = f"{relative(own[-1].filename)}, line {own[-1].lineno}" if own else ""
    return {"chain": chain, "place": place}


def main():
    mode, out, *rest = sys.argv[1:]
    # Beside this file lies nothing of the project, and a folder `alembic` of it must not pass for the package.
    answer = {"folders": [], "revisions": [], "current": [], "sql": "", "error": None}
    try:
        if mode == "revisions":
            scripts(answer, config(mode))
        else:
            {"read": read, "current": current, "sql": sql, "upgrade": upgrade}[mode](answer, *rest)
    # A settings class may end the program.
    except BaseException as failure:  # noqa: BLE001
        traceback.print_exc()
        answer["error"] = told(failure)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(answer, file, default=str)
    sys.stdout.flush()
    # At once: a project may have left threads or pools behind.
    os._exit(1 if answer["error"] else 0)


main()
