"""Builds the wheel, installs it into a clean environment and runs it there: version, demo, no file of the checkout."""

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> int:
    """Fails with the command's own words where a step fails."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder)
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--requirement",
            ROOT / "requirements/all.txt",
        )
        run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel)
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "CHAINWATCH_HOME": str(folder / "home")}
        command = folder / "env" / "bin" / "chainwatch"
        version = run(command, "--version", env=environment, cwd=folder).strip()
        told = json.loads(run(command, "demo", "--json", env=environment, cwd=folder))
        kinds = [event["kind"] for event in told["events"]]
        if "target.new" not in kinds or "policy.status" not in kinds:
            sys.exit(f"the demo of the wheel told only {sorted(set(kinds))}")
        sys.stdout.write(
            f"{wheel.name} ({wheel.stat().st_size:,} bytes) works: {version}, demo told {len(kinds)} events\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
