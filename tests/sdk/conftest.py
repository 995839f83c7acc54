"""Black-box tests: one real server for the session, spoken to with boto3 and the AWS CLI as a stranger would.

They could run against AWS too: nothing here reaches into the server. LIKENESS names the binary (default: the newest
of build/*/likeness). LIKENESS_ENDPOINT names a server that is there already, so that several runs can share it; tests
that kill servers or change their options start their own all the same.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request
import uuid

import boto3
import botocore.config
import botocore.session
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
ACCOUNT = "123456789012"
ACCESS_KEY = "AKIALIKENESSTESTS001"
SECRET_KEY = "likeness-tests-secret-key-0123456789abcd"


def binary():
    if "LIKENESS" in os.environ:
        return os.environ["LIKENESS"]
    built = sorted(ROOT.glob("build/*/likeness"), key=lambda path: path.stat().st_mtime)
    assert built, "build/*/likeness is missing: run scripts/build"
    return str(built[-1])


class Server:
    """A server process with its own data directory. `endpoint` is where it listens."""

    def __init__(self, data, *options, models=None):
        self.data = pathlib.Path(data)
        self.options = list(options)
        self.models = models
        self.start()

    def start(self):
        listen = [] if "--listen" in self.options else ["--listen", "127.0.0.1:0"]
        command = [binary(), "serve", "--data", str(self.data), *listen, "--account-id", ACCOUNT,
                   "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY, *self.options]
        if self.models:
            command += ["--models", self.models]
        self.log = open(self.data.parent / "server.log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+:\d+", line)
        assert found, f"the server did not start: {line!r} {self.log_text()[-2000:]}"
        self.endpoint = found.group(0)

    def log_text(self):
        return (self.data.parent / "server.log").read_text(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def lives(self):
        return self.process.poll() is None

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0, self.log_text()[-4000:]

    def client(self, service, region="us-west-2", access_key=ACCESS_KEY, secret_key=SECRET_KEY, token=None, **config):
        """A boto3 client that does not check parameters itself and never retries, so that the server's own answer shows."""
        config.setdefault("retries", {"max_attempts": 0})
        config.setdefault("parameter_validation", False)
        core = botocore.session.get_session()
        # What boto3 learned of users after the version of Debian 12.
        core.get_component("data_loader").search_paths.append(str(pathlib.Path(__file__).parent / "models"))
        session = boto3.session.Session(botocore_session=core)
        return session.client(service, region_name=region, endpoint_url=self.endpoint, aws_access_key_id=access_key,
                              aws_secret_access_key=secret_key, aws_session_token=token,
                              config=botocore.config.Config(**config))

    def cli(self, *arguments, check=True, region="us-west-2", stdin=None):
        """Runs the AWS CLI of this machine; gives back the finished process."""
        environment = dict(os.environ, AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                           AWS_DEFAULT_REGION=region, AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true",
                           AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")
        done = subprocess.run(["aws", "--endpoint-url", self.endpoint, *arguments], env=environment, text=True,
                              capture_output=True, stdin=stdin, timeout=120)
        assert not check or done.returncode == 0, done.stderr
        return done


class SharedServer(Server):
    """A server that somebody else starts and stops, with the keys of these tests."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def log_text(self):
        return "(its log is with whoever started it)"

    def lives(self):
        try:
            with urllib.request.urlopen(self.endpoint + "/_likeness/health", timeout=60) as answer:
                return answer.status == 200
        except OSError:
            return False


@pytest.fixture(scope="session")
def models():
    """The `open` pack, installed from ../shared where that is; None elsewhere: then the server uses `builtin`."""
    if not (SHARED / "models").is_dir():
        return None
    folder = tempfile.mkdtemp(prefix="likeness-models-")
    subprocess.run([binary(), "models", "install", "open", "--from", str(SHARED / "models"), "--data", folder],
                   check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def new_server(models):
    """A function that starts a further server: for tests that kill it, fill it or change its options."""
    started = []
    folders = []

    def start(*options):
        folder = tempfile.TemporaryDirectory(prefix="likeness-test-")
        folders.append(folder)
        data = pathlib.Path(folder.name) / "data"
        data.mkdir()
        if models:
            (data / "models").symlink_to(pathlib.Path(models) / "models")
        server = Server(data, *options)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.lives():
            server.stop()
    for folder in folders:
        folder.cleanup()


@pytest.fixture(scope="session")
def server(new_server):
    if "LIKENESS_ENDPOINT" in os.environ:
        return SharedServer(os.environ["LIKENESS_ENDPOINT"])
    return new_server()


@pytest.fixture(scope="session")
def aws(server):
    """aws("s3"), aws("dynamodb", region="eu-west-1"): clients of the session's server."""
    return server.client


@pytest.fixture(autouse=True)
def the_server_lives(request):
    """A crash is blamed on its test."""
    yield
    if "server" in request.fixturenames:
        server = request.getfixturevalue("server")
        assert server.lives(), "the server died: " + server.log_text()[-4000:]


@pytest.fixture
def name():
    """A name that no other test uses."""
    return "t" + uuid.uuid4().hex[:12]


@pytest.fixture(scope="session")
def drawn_people():
    """People who do not exist, drawn by tests/people: a folder of portraits per person, the last two with one only."""
    program = pathlib.Path(binary()).parent / "draw_people"
    if not program.exists():
        pytest.skip(f"needs {program}, which is not built")
    with tempfile.TemporaryDirectory(prefix="likeness-drawn-") as folder:
        subprocess.run([program, f"{folder}/people", "--cast", "--people", "10", "--strangers", "2", "--each", "4",
                        "--labels", f"{folder}/labels.jsonl"], check=True)
        yield pathlib.Path(folder) / "people"


@pytest.fixture(scope="session")
def people(request):
    """A folder of photos per person, some with one photo only: ../shared/faces/people, or drawn people where that is
    not. Says which."""
    folder = SHARED / "faces" / "people"
    if folder.is_dir():
        return folder
    print(f"no photographs at {folder}: drawn people stand in for them", file=sys.stderr)
    return request.getfixturevalue("drawn_people")
