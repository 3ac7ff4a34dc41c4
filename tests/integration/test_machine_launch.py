"""Programs that misbehave, really run."""

import contextlib
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.waiting import set_once, wait_until
from tracker.errors import ConfigurationError, DiskFullError, InfrastructureError
from tracker.machine import sandbox as walls
from tracker.machine.launch import launch, launch_pair
from tracker.machine.program import Ended, Limits, Program
from tracker.machine.sandbox import Sandbox
from tracker.machine.turns import TurnLimits


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "hôme 'of' \"one\""
    home.mkdir()
    return home


def program(home: Path, code: str, *, timeout: float = 30, **options: Any) -> Program:
    return Program(
        argv=[sys.executable, "-c", textwrap.dedent(code)],
        limits=Limits(timeout=timeout),
        home=home,
        **options,
    )


def run(home: Path, code: str, *, stop: threading.Event | None = None, **options: Any) -> Ended:
    return launch(program(home, code, **options), stop=stop)


def wait_for_the_end_of(pid: int) -> None:
    """See a process end, in the time that a busy system takes for it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


REPORT = "import os, json; fd = int(os.environ['TRACKER_RESULTS_FD'])\n"


def test_results_output_and_exit_code(home: Path) -> None:
    ended = run(
        home,
        REPORT
        + """if True:
            import sys
            os.write(fd, b'{"event": "hello"}\\n')
            print("printed"); print("complained", file=sys.stderr)
            sys.exit(7)
        """,
    )
    assert (ended.how, ended.exit_code) == ("exited", 7)
    assert ended.lines == ({"event": "hello"},)
    assert set(ended.output.split()) == {"printed", "complained"}
    assert ended.seconds > 0


def test_a_job_is_its_last_argument_and_everything_is_inside_of_its_home(home: Path) -> None:
    ended = run(
        home,
        REPORT
        + """if True:
            import sys, tempfile
            job = json.load(open(sys.argv[-1], encoding="utf-8"))
            places = [os.getcwd(), os.environ["HOME"], tempfile.gettempdir(), sys.argv[-1]]
            os.write(fd, json.dumps({"job": job, "places": places}).encode())
        """,
        job={"suite": "späte 'Läufe'"},
    )
    (line,) = ended.lines
    assert line["job"] == {"suite": "späte 'Läufe'"}
    assert all(place.startswith(str(home)) for place in line["places"])


def test_nothing_of_this_environment_leaks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    ended = run(
        home,
        REPORT + "os.write(fd, json.dumps(dict(os.environ)).encode())",
        environment={"OMP_NUM_THREADS": "1"},
    )
    (seen,) = ended.lines
    assert "hunter2" not in seen.values()
    assert "PYTHONPATH" not in seen
    assert seen["OMP_NUM_THREADS"] == "1"


def test_output_without_end_does_not_block_and_keeps_its_tail(home: Path) -> None:
    ended = run(home, "print('x' * 5_000_000); print('the end')")
    assert ended.exit_code == 0
    assert ended.output.endswith("xxx\nthe end\n")
    assert len(ended.output) == 4000


def test_undecodable_output_and_garbage_results(home: Path) -> None:
    ended = run(
        home,
        REPORT
        + """if True:
            os.write(1, b"\\xff\\xfe")
            os.write(fd, b'not json\\n{"event": "end"}\\n')
        """,
    )
    assert ended.output == "\ufffd\ufffd"
    assert [line["event"] for line in ended.lines] == ["garbage", "end"]


def test_closing_standard_output_spoils_nothing(home: Path) -> None:
    ended = run(home, REPORT + "os.close(1); os.close(2); os.write(fd, b'{}')\nos._exit(0)")
    assert (ended.exit_code, ended.lines) == (0, ({},))


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("import os; os._exit(5)", 5),
        ("import ctypes; ctypes.string_at(0)", -11),
        ("import os; os.abort()", -6),
        ("raise SystemExit(3)", 3),
    ],
)
def test_every_way_out_is_told(home: Path, code: str, exit_code: int) -> None:
    ended = run(home, code)
    assert (ended.how, ended.exit_code) == ("exited", exit_code)


def test_sleeping_for_ever_times_out(home: Path) -> None:
    ended = run(home, "import time\nwhile True: time.sleep(1)", timeout=0.3)
    assert (ended.how, ended.exit_code) == ("timed-out", -9)
    assert ended.seconds >= 0.3


def test_ignoring_every_signal_does_not_help(home: Path) -> None:
    ended = run(
        home,
        """
        import signal, time
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(1000)
        """,
        timeout=0.5,
    )
    assert ended.how == "timed-out"


def test_children_that_left_the_group_do_not_outlive_it(home: Path) -> None:
    ended = run(
        home,
        REPORT
        + """if True:
            import time
            told, tell = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.write(fd, json.dumps({"pid": os.getpid()}).encode() + b"\\n")
                    os.write(tell, b".")
                    time.sleep(1000)
                os._exit(0)
            os.read(told, 1)
        """,
    )
    assert (ended.how, ended.exit_code) == ("exited", 0)
    wait_for_the_end_of(ended.lines[0]["pid"])


def test_a_child_that_cleared_its_environment_does_not_outlive_it(home: Path) -> None:
    ended = run(
        home,
        REPORT
        + """if True:
            import subprocess, sys
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(999)"], env={})
            os.write(fd, json.dumps({"pid": child.pid}).encode())
        """,
    )
    wait_for_the_end_of(ended.lines[0]["pid"])


def test_children_that_left_the_group_die_with_it(home: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"""if True:
        import time
        if os.fork() == 0:
            os.setsid()
            os.write(fd, json.dumps({{"pid": os.getpid()}}).encode())
            open({str(told)!r}, "w").close()
        time.sleep(1000)
    """
    with set_once(told.exists) as stop:
        ended = run(home, REPORT + code, timeout=0, stop=stop)
    assert ended.how == "stopped"
    wait_for_the_end_of(ended.lines[0]["pid"])


def test_stop_ends_it_at_once(home: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    code = f"import time; open({str(begun)!r}, 'w').close(); time.sleep(1000)"
    with set_once(begun.exists) as stop:
        ended = run(home, code, timeout=0, stop=stop)
    assert ended.how == "stopped"


def test_a_killed_tracker_leaves_nothing(home: Path, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = f"""
    from pathlib import Path
    from tracker.machine.launch import launch
    from tracker.machine.program import Program
    inner = "import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(1000)"
    launch(Program(argv=[{sys.executable!r}, "-c", inner], home=Path({str(home)!r})))
    """
    tracker = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    wait_until(lambda: told.exists() and told.read_text())
    tracker.kill()
    tracker.wait()
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux ends a process with its parent")
    wait_for_the_end_of(int(told.read_text()))


def test_a_program_that_is_not_there(home: Path) -> None:
    with pytest.raises(InfrastructureError, match="no program '/nowhere/python'"):
        launch(Program(argv=["/nowhere/python"], home=home))


def test_a_full_disk_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(DiskFullError, match="no space left"):
        run(home, "pass", job={})


def test_no_descriptor_is_lost(home: Path) -> None:
    run(home, "pass")
    before = len(list(Path("/proc/self/fd").iterdir()))
    run(home, "pass")
    with pytest.raises(InfrastructureError):
        launch(Program(argv=["/nowhere"], home=home))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


needs_walls = pytest.mark.skipif(
    not walls.available(), reason="bubblewrap is missing, or may not make namespaces here"
)


@needs_walls
def test_inside_of_walls(home: Path, tmp_path: Path) -> None:
    for name in ("given", "lent"):
        (tmp_path / name).mkdir()
    ended = run(
        home,
        REPORT
        + f"""if True:
            import socket
            def tried(path):
                try:
                    open(os.path.join(path, "file"), "w").write("x")
                    return True
                except OSError:
                    return False
            network = [name for _, name in socket.if_nameindex() if name != "lo"]
            writable = [tried(p) for p in ("/etc", ".", os.environ["TMPDIR"], "/tmp",
                                           {str(tmp_path / "given")!r}, {str(tmp_path / "lent")!r})]
            os.write(fd, json.dumps({{"writable": writable, "network": network}}).encode())
            os.kill(os.getpid(), 11)
        """,
        sandbox=Sandbox(
            readable=(tmp_path / "lent", Path(sys.prefix)), writable=(tmp_path / "given",)
        ),
    )
    assert ended.exit_code == -11
    assert ended.lines == ({"writable": [False, True, True, True, True, False], "network": []},)
    assert not Path("/tmp/file").exists()  # noqa: S108 - the walls' own /tmp took it


@needs_walls
def test_walls_fall_with_the_limits(home: Path) -> None:
    ended = run(
        home,
        "import os, time\nif os.fork() == 0: os.setsid()\ntime.sleep(1000)",
        sandbox=Sandbox(readable=(Path(sys.prefix),)),
        timeout=1,
    )
    assert ended.how == "timed-out"


def test_walls_that_are_not_to_be_had(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    walls._missing.cache_clear()
    try:
        with pytest.raises(ConfigurationError) as caught:
            run(home, "pass", sandbox=Sandbox())
    finally:
        monkeypatch.undo()
        walls._missing.cache_clear()
    (problem,) = caught.value.problems
    assert problem.where == "executor.sandbox"
    assert "install" in problem.hint


# turns -------------------------------------------------------------------------------------

TAKES_TURNS = (
    REPORT
    + """
import socket
turns = socket.socket(fileno=int(os.environ["TRACKER_TURNS_FD"]))
def turn(loops):
    turns.send(b"%d\\n" % loops)
    return int(turns.recv(64) or b"0")
def say(**line): os.write(fd, (json.dumps(line) + "\\n").encode())
"""
)


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    return tmp_path / "one", tmp_path / "two"


def pair(
    homes: tuple[Path, Path],
    first: str,
    second: str,
    turns: int = 3,
    seconds: float = 60.0,
    **options: Any,
) -> tuple[Ended, Ended | None]:
    programs = [program(home, code, **options) for home, code in zip(homes, (first, second))]  # noqa: B905
    limits = TurnLimits(most=turns, fewest=2, seconds=seconds)
    return launch_pair(programs[0], programs[1], turns=limits, stop=threading.Event())


def turn_taker(loops: int, log: Path, name: str) -> str:
    return (
        TAKES_TURNS
        + f"""
given = turn({loops})
while given:
    open({str(log)!r}, "a").write({name!r})
    say(loops=given)
    given = turn({loops})
"""
    )


def test_two_processes_take_turns_with_the_same_number_of_calls(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    one, two = pair(homes, turn_taker(5, log, "a"), turn_taker(20, log, "b"))
    assert log.read_text() == "abbaab"
    assert two is not None
    assert one.lines == two.lines == ({"loops": 20},) * 3
    assert (one.how, one.exit_code, two.how, two.exit_code) == ("exited", 0, "exited", 0)


def test_slow_turns_end_early_and_not_before_there_are_a_few(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    pair(homes, turn_taker(5, log, "a"), turn_taker(5, log, "b"), turns=50, seconds=0.0)
    assert log.read_text() == "abba"


def test_what_takes_no_turns_runs_one_after_the_other(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    code = f"""
    import time
    open({str(log)!r}, "a").write("<")
    time.sleep(0.1)
    open({str(log)!r}, "a").write(">")
    """
    _, two = pair(homes, code, code)
    assert log.read_text() == "<><>"
    assert two is not None


def test_whose_partner_ends_before_a_turn_has_its_turns_alone(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    one, two = pair(homes, turn_taker(4, log, "a"), "raise SystemExit(3)")
    assert two is not None
    assert (one.exit_code, two.exit_code) == (0, 3)
    assert one.lines == ({"loops": 4},) * 3
    one, two = pair(homes, "raise SystemExit(3)", turn_taker(4, log, "a"))
    assert two is not None
    assert (one.exit_code, two.exit_code) == (3, 0)
    assert two.lines == ({"loops": 4},) * 3


def test_a_partner_that_dies_in_its_turn_ends_the_turns(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    dies = TAKES_TURNS + "turn(1); turn(1); os._exit(7)"
    one, two = pair(homes, turn_taker(1, log, "a"), dies, turns=10)
    assert two is not None
    assert (one.exit_code, two.exit_code) == (0, 7)
    assert 1 <= len(one.lines) <= 3


def test_a_first_that_is_ended_by_a_limit_leaves_no_second(homes: tuple[Path, Path]) -> None:
    one, two = pair(homes, "import time; time.sleep(60)", "pass", timeout=0.3)
    assert one.how == "timed-out"
    assert two is None


def test_pairs_lose_no_descriptor(homes: tuple[Path, Path], tmp_path: Path) -> None:
    log = tmp_path / "log"
    before = len(list(Path("/proc/self/fd").iterdir()))
    pair(homes, turn_taker(5, log, "a"), turn_taker(20, log, "b"))
    with pytest.raises(InfrastructureError):
        launch_pair(
            program(homes[0], turn_taker(1, log, "a")),
            Program(argv=["/nowhere"], home=homes[1]),
            turns=TurnLimits(most=1, fewest=1, seconds=60.0),
            stop=threading.Event(),
        )
    assert len(list(Path("/proc/self/fd").iterdir())) == before
