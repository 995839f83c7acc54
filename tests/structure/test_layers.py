"""The architecture as a test: every #include "room/..." goes to a room that CMakeLists.txt lets its room use."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"


def rooms():
    """Room -> the rooms it may include: those it names and, since they are lower, what those name."""
    text = re.sub(r"#.*", "", (ROOT / "CMakeLists.txt").read_text())
    named = {}
    for body in re.findall(r"\broom\(([^)]*)\)", text):
        words = body.split()
        uses = []
        if "USES" in words:
            for word in words[words.index("USES") + 1:]:
                if word == "LIBRARIES":
                    break
                uses.append(word)
        named[words[0]] = uses
    allowed = {}
    for room, uses in named.items():  # in the file's order: a room may only use rooms above it in the list
        for used in uses:
            assert used in allowed, f"{room} uses {used}, which is not listed before it"
        allowed[room] = {room}.union(*(allowed[used] for used in uses))
    return allowed


def room_of(path, allowed):
    folder = str(path)
    while folder not in allowed:
        assert "/" in folder, f"{path} lies in no room"
        folder = folder.rsplit("/", 1)[0]
    return folder


def test_every_include_goes_to_a_room_that_may_be_used():
    allowed = rooms()
    wrong = []
    for file in sorted(SOURCE.rglob("*.cpp")) + sorted(SOURCE.rglob("*.h")):
        if file.parent == SOURCE:
            continue  # main.cpp builds the world: it may know every room
        room = room_of(file.relative_to(SOURCE).parent, allowed)
        # A test may bring a real engine and drawn people along; production code may not.
        extra = {"store/embedded", "people"} if file.stem.endswith(("_test", "_bench", "_fuzz")) else set()
        for included in re.findall(r'^\s*#\s*include\s+"([^"]+)"', file.read_text(), re.M):
            folder = pathlib.Path(included).parent
            target = "people" if str(folder) == "people" else room_of(folder, allowed)  # tests/people
            if target not in allowed[room] | extra:
                wrong.append(f"{file.relative_to(ROOT)} includes {included}, but {room} may not use {target}")
    assert not wrong, "\n".join(wrong)


def test_only_one_file_knows_beast():
    knowing = [str(file.relative_to(ROOT)) for file in SOURCE.rglob("*") if file.suffix in (".cpp", ".h")
               and re.search(r"#\s*include\s+<boost/beast", file.read_text())]
    assert len(knowing) <= 1, knowing


def test_every_room_has_a_readme_that_says_what_it_promises():
    lacking = [room for room in rooms() if list((SOURCE / room).glob("*.cpp"))
               and "**Promises.**" not in ((SOURCE / room / "README.md").read_text()
                                           if (SOURCE / room / "README.md").exists() else "")]
    assert not lacking, lacking


def braces_left_by_try(text):
    """The lines where a TRY stands in a braced initialiser behind another element, which g++ 12 would not destroy."""
    code = re.sub(r"//[^\n]*", lambda found: " " * len(found.group()), text)
    code = re.sub(r'"(\\.|[^"\\\n])*"', lambda found: '"' + " " * (len(found.group()) - 2) + '"', code)
    for found in re.finditer(r"\bTRY\(", code):
        position, depth = found.start() - 1, 0
        while position >= 0 and not (code[position] == ";" and depth == 0):
            if code[position] in ")}":
                depth += 1
            elif code[position] in "({" and depth:
                depth -= 1
            elif code[position] == "{":
                opens_block = re.search(r"([)\]:;{}]|\belse|\bdo|\bconst|\boverride|\bnoexcept|\bmutable|->\s*[\w:<>, *&]+)$",
                                        code[:position].rstrip()[-60:])
                if opens_block:
                    break
                nested, is_first = 0, True
                for letter in code[position + 1:found.start()]:
                    nested += (letter in "({") - (letter in ")}")
                    is_first = is_first and not (letter == "," and nested == 0)
                if not is_first:
                    yield code.count("\n", 0, found.start()) + 1
                    break
            position -= 1


def test_no_try_stands_behind_another_element_of_a_braced_initialiser():
    assert list(braces_left_by_try("f({a, TRY(b())});")) == [1]
    assert list(braces_left_by_try("T x{a,\n b(TRY(c()))};")) == [2]
    assert list(braces_left_by_try("T x{TRY(a()), b};\nif (c) {\n  d(); e(f, TRY(g()));\n}")) == []
    wrong = [f"{file.relative_to(ROOT)}:{line}" for file in sorted(SOURCE.rglob("*.cpp")) + sorted(SOURCE.rglob("*.h"))
             for line in braces_left_by_try(file.read_text())]
    assert not wrong, wrong


def test_nothing_unfinished_is_left():
    wrong = []
    for file in sorted(SOURCE.rglob("*")):
        if file.suffix not in (".cpp", ".h", ".py"):
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                wrong.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not wrong, "\n".join(wrong)
