"""What the documents say is true of the program."""
import os
import re
import subprocess

from conftest import ROOT, binary


def test_the_compatibility_page_is_what_the_operations_say_of_themselves():
    done = subprocess.run([str(ROOT / "scripts/docs"), "--check"], env=dict(os.environ, LIKENESS=binary()), text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_the_ten_lines_of_the_readme_name_a_person(new_server, people, tmp_path):
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    photos = [sorted(person.iterdir()) for person in sorted(people.iterdir())]
    ann, bob = [one for one in photos if len(one) > 1][:2]
    for name, photo in (("ann", ann[0]), ("bob", bob[0]), ("new", ann[1])):
        (tmp_path / f"{name}.jpg").write_bytes(photo.read_bytes())
    server = new_server()
    # Debian's boto3 does not know AWS_ENDPOINT_URL, as the README says: it is told the endpoint here.
    example = example.replace("boto3.client('rekognition')",
                              f"boto3.client('rekognition', endpoint_url={server.endpoint!r}, region_name='us-west-2')")
    environment = dict(os.environ, AWS_ACCESS_KEY_ID="AKIALIKENESSTESTS001",
                       AWS_SECRET_ACCESS_KEY="likeness-tests-secret-key-0123456789abcd")
    done = subprocess.run(["/usr/bin/python3", "-c", example], cwd=tmp_path, env=environment, capture_output=True,
                          text=True, timeout=120)
    assert done.stdout == "Person is: Ann\n", done.stdout + done.stderr


def test_every_flag_of_serve_is_in_the_operating_page():
    help_text = subprocess.run([binary(), "serve", "--help"], capture_output=True, text=True).stdout
    page = (ROOT / "docs/operating.md").read_text()
    missing = [flag for flag in re.findall(r"--([a-z-]+)", help_text) if flag != "help" and f"--{flag}" not in page]
    assert not missing, missing


def test_a_setting_of_the_file_is_a_text_or_a_list_and_nothing_else_passes_unseen(tmp_path):
    def told(settings, *command):
        (tmp_path / "likeness.toml").write_text(settings)
        done = subprocess.run([binary(), *(command or ("serve", "--help"))], cwd=tmp_path, capture_output=True, text=True)
        return done.stdout + done.stderr

    assert "[photos.test]" in told('virtual_hosts = "photos.test"\n')
    assert "[a.test,b.test]" in told('virtual_hosts = ["a.test", "b.test"]\n')
    assert "--virtual-hosts" in told("virtual_hosts = []\n")
    for wrong in ("7", '["a.test", 7]'):
        assert "virtual_hosts must be a list of texts" in told(f"virtual_hosts = {wrong}\n", "env")


def source_package(*arguments):
    fields = subprocess.run(["dpkg-query", "-W", "-f", "${source:Package}\n", *arguments], capture_output=True, text=True)
    return set(fields.stdout.split())


def test_setup_lists_the_package_of_every_library_that_the_program_links():
    """What the linker took, against scripts/setup's one list: a package installed by hand would hide a missing line."""
    listed = source_package(*subprocess.run([str(ROOT / "scripts/setup"), "list"], capture_output=True,
                                            text=True).stdout.split())
    needed = re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", binary()], capture_output=True,
                                                            text=True).stdout)
    found = dict(re.findall(r"(\S+) => (\S+)", subprocess.run(["ldd", binary()], capture_output=True, text=True).stdout))
    unlisted = []
    for library in needed:
        if library not in found:
            continue  # the loader itself
        path = os.path.realpath(found[library])
        owner = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True).stdout
        owner = owner or subprocess.run(["dpkg", "-S", path.removeprefix("/usr")], capture_output=True, text=True).stdout
        # The compiler's own libraries and the C library come with g++.
        sources = source_package(owner.split(":")[0])
        if not sources & (listed | {"glibc", "gcc-12"}):
            unlisted.append((library, owner.strip()))
    assert len(needed) > 10
    assert not unlisted, unlisted
