"""A headless Chromium without a network, for the tests that need a real browser."""

import json
import re
import shutil
import subprocess
import tempfile
from html import unescape
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: No network, no first-run page, nothing kept.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
#: Added to a copy of the page: errors and requests become text that can be read afterwards.
PROBE = """<script>
window.__trouble = [];
const note = text => window.__trouble.push(String(text));
window.addEventListener('error', e => note(e.message || e.target.src || e.target.href), true);
window.addEventListener('unhandledrejection', e => note(e.reason));
document.addEventListener('securitypolicyviolation',
  e => note('policy: ' + e.violatedDirective + ' ' + e.blockedURI));
const logged = console.error;
console.error = (...parts) => { note(parts.join(' ')); logged(...parts); };
window.addEventListener('load', () => setTimeout(() => {
  const probe = document.createElement('pre');
  probe.id = 'probe';
  probe.textContent = JSON.stringify({trouble: window.__trouble,
    requests: performance.getEntriesByType('resource').map(r => r.name)});
  document.body.appendChild(probe);
}, 1500));
</script>"""


def find_chromium() -> str:
    """Path of a Chromium; skips the test, saying so, where this machine has none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is on PATH")
    return found


def dump_dom(page: Path, *more: str) -> str:
    """The page's elements after its scripts have run."""
    return _run(page, "--virtual-time-budget=20000", "--dump-dom", *more)


def console(page: Path) -> list[str]:
    """What the browser itself writes to its console while the page loads."""
    done = _browse(page, "--virtual-time-budget=20000", "--dump-dom", "--enable-logging=stderr")
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def screenshot(page: Path, png: Path, *, width: int = 1280, height: int = 2000) -> None:
    """A picture of the top of the page."""
    _run(
        page,
        "--virtual-time-budget=20000",
        f"--screenshot={png}",
        f"--window-size={width},{height}",
    )


def probe(page: Path, folder: Path) -> tuple[str, dict[str, list[str]]]:
    """The page's elements, and what went wrong or was asked for while it loaded."""
    text = page.read_text(encoding="utf-8")
    copy = folder / f"probed-{page.name}"
    copy.write_text(text.replace("<head>", f"<head>{PROBE}", 1), encoding="utf-8")
    dom = dump_dom(copy)
    found = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.DOTALL)
    assert found, "the page did not finish loading"
    return dom, json.loads(unescape(found[1]))


def _run(page: Path, *arguments: str) -> str:
    return _browse(page, *arguments).stdout


def _browse(page: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as profile:
        command = [find_chromium(), *FLAGS, f"--user-data-dir={profile}", *arguments, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def requests_of(html: str) -> list[str]:
    """What a browser would fetch on opening the page: sources and style sheets."""
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", html)
    return [
        address
        for tag in tags
        for address in re.findall(r'(?:src|href)\s*=\s*["\']([^"\']*)', tag)
        if not address.startswith("data:")
    ] + re.findall(r"@import[^;]*;", html)
