"""The peers of `bench decide` that run in Python, each asked the same questions about the same company.

`python -m bench.decide_peers casbin|rego COMPANY.json`, in an environment of its own, prints one JSON line.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "target" / "venv-bench-decide"
#: What is installed for each peer. Rego is run by rego-cpp, Microsoft's implementation.
PACKAGES = {"casbin": "casbin==1.43.0", "rego": "regopy==1.5.2"}
#: A compiled query does work at its first questions that no later one repeats.
WARMING_UP = 50

MODEL = """
[request_definition]
r = who, application, operation
[policy_definition]
p = holder, application, operation
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.application == p.application && r.operation == p.operation && g(r.who, p.holder)
"""

REGO = """package company
default is_allowed := false
is_allowed if {
  holders := data.holders[input.principal]
  some eligibility in data.eligibilities[input.application]
  eligibility.holder in holders
  input.operation in eligibility.operations
}
"""


def install(absent: list[str]) -> list[str]:
    """The peers that are here, installed where that works; `absent` is told of the others."""
    if not (VENV / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    here = []
    for name, package in PACKAGES.items():
        pip = [VENV / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", package]
        if subprocess.run(pip, stdout=sys.stderr).returncode == 0:
            here.append(name)
        else:
            absent.append(f"{name}: {package} cannot be installed")
    return here


def _holders(person: dict) -> list[str]:
    """Everything an eligibility could be held by, for somebody who works here."""
    roles = [f"role {role}" for role in person["roles"]]
    vendor = [f"vendor {person['vendor']}"] if person["vendor"] else []
    return [f"person {person['id']}", *roles, *vendor] if person["is_active"] else []


def casbin(company: dict):
    import casbin

    with tempfile.NamedTemporaryFile("w", suffix=".conf") as model:
        model.write(MODEL)
        model.flush()
        # Keyed by application and operation, so that no question walks the other policies.
        enforcer = casbin.FastEnforcer(model.name, cache_key_order=[1, 2])
    enforcer.add_policies([
        [f"{it['kind']} {it['holder']}", application, operation]
        for it in company["eligibilities"] for application in it["applications"] for operation in it["operations"]
    ])  # fmt: skip
    enforcer.add_grouping_policies([[it["id"], holder] for it in company["people"] for holder in _holders(it)])
    return lambda question: enforcer.enforce(question["principal"], question["application"], question["operation"])


def rego(company: dict):
    import regopy

    by_application: dict[str, list[dict]] = {}
    for it in company["eligibilities"]:
        for application in it["applications"]:
            line = {"holder": f"{it['kind']} {it['holder']}", "operations": it["operations"]}
            by_application.setdefault(application, []).append(line)
    interpreter = regopy.Interpreter()
    holders = {person["id"]: _holders(person) for person in company["people"]}
    interpreter.add_data_json(json.dumps({"holders": holders, "eligibilities": by_application}))
    interpreter.add_module("company", REGO)
    bundle = interpreter.build("data.company.is_allowed")

    def ask(question: dict) -> bool:
        interpreter.set_input({name: question[name] for name in ("principal", "application", "operation")})
        return str(interpreter.query_bundle(bundle)) == '{"expressions":[true]}'

    return ask


def main() -> None:
    name, file = sys.argv[1:]
    company = json.loads(Path(file).read_text())
    ask = {"casbin": casbin, "rego": rego}[name](company)
    questions = company["questions"]
    for question in questions[:WARMING_UP]:
        ask(question)
    processor, wall, wrong = [], [], 0
    for question in questions:
        began = time.thread_time_ns(), time.perf_counter_ns()
        answer = ask(question)
        processor.append((time.thread_time_ns() - began[0]) / 1e3)
        wall.append((time.perf_counter_ns() - began[1]) / 1e3)
        wrong += answer != question["is_allowed"]
    processor.sort()
    wall.sort()
    many = len(questions)
    print(json.dumps({
        "name": name, "samples": many, "mean": sum(processor) / many, "p50": processor[many // 2],
        "p99": processor[many * 99 // 100], "most": processor[-1], "wall_p50": wall[many // 2],
        "wall_p99": wall[many * 99 // 100], "wrong_answers": wrong,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
