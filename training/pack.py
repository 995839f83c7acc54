"""pack.py --detector FILE --embedder FILE [--calibration FILE.toml] --version N --out models/builtin

Puts networks of our own into a model pack: copies the files and writes pack.toml, with sizes, digests and the calibration
that `likeness bench calibrate --write` writes for the pack as it was before (a first pack has none).
"""
import argparse
import hashlib
import pathlib
import shutil

import onnx

HEAD = """# The pack "builtin": networks of our own, trained by the programs in training/, part of the program.
# Written by training/pack.py; docs/formats/pack.md describes the form, README.md beside this file is the model card.
format = 1
name = "builtin"
engine_version = "builtin-{version}"
summary = "Our own networks, part of the program: nothing to download; {megabytes:.1f} MB together"
"""
ROLE = """
[roles.{role}]
title = "{title}"
file = "{file}"
bytes = {bytes}
sha256 = "{sha256}"
licence = "Apache-2.0"
provenance = "{provenance}"
caution = "{caution}"
{more}
[roles.{role}.input]
channels = "RGB"
{size}mean = [127.5, 127.5, 127.5]
deviation = [64.0, 64.0, 64.0]
"""
ALIGNMENT = """
# Where the eyes, the nose and the corners of the mouth are moved to, each pair from left to right in the picture.
[roles.embedder.alignment]
name = "arcface-112"
size_px = 112
points = [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]

# The mean of a face's embedding and its mirror image's.
[roles.embedder.thresholds]
mirrored = 1.0
"""
# The cosine that a face's embedding is expected to have to that of the same face seen well, at least, to pass each filter:
# training/quality.py prints what each refuses of faces held out.
EXPECTED = """expected_low = 0.4
expected_medium = 0.55
expected_high = 0.7
"""
CAUTION = ("Trained on the pictures of UTKFace, whose publishers give them for non-commercial research, by distillation from "
           "networks whose own training data is not established. Decide for yourself whether your use is covered.")


ATTRIBUTES_CAUTION = (
    "Trained on labels of UTKFace and FER2013, whose publishers give them for research, and on what face-api's networks say. It "
    "knows people as two sexes, and errs more for children and for some groups of people. Do not let it decide about anybody.")


def role_of(role, path, title, provenance, size, more="", caution=CAUTION, file=None):
    data = path.read_bytes()
    return ROLE.format(role=role, title=title, file=file or f"{role}.onnx", bytes=len(data), sha256=hashlib.sha256(data).hexdigest(),
                       provenance=provenance, caution=caution, more=more, size=size)


def attributes_of(embedder):
    """The role whose head export_attributes.py put behind the embedder, if it did: the same file, other outputs."""
    about = {entry.key: entry.value for entry in onnx.load(embedder).metadata_props}
    thresholds = [f"{key.split()[1]} = {value}" for key, value in about.items() if key.startswith("threshold ")]
    if not thresholds:
        return ""
    provenance = f"Labels of UTKFace and FER2013, and face-api's answers, {about['attributes seen']} faces seen"
    if "looks labelled" in about:
        provenance += f"; beards, eyes and dark glasses from {about['looks labelled']} faces labelled by eye or painted"
    return (role_of("attributes", embedder, "Likeness attributes, behind the embedder", provenance + ".",
                    "width = 112\nheight = 112\n", caution=ATTRIBUTES_CAUTION, file="embedder.onnx")
            + ALIGNMENT[:ALIGNMENT.index("# The mean")].replace("roles.embedder", "roles.attributes")
            + "[roles.attributes.thresholds]\n" + "\n".join(sorted(thresholds)) + "\n")


def quality_of(embedder):
    """The bars of the head that export_quality.py put behind the embedder, if it did."""
    return EXPECTED if "expected_cosine" in {output.name for output in onnx.load(embedder).graph.output} else ""


def calibration_of(path):
    # Without one the pack opens, so that it can be measured; its similarities mean nothing yet.
    text = path.read_text() if path else "[calibration]\npoints = [[0.0, 0.0], [1.0, 100.0]]\n"
    return ("\n# By `likeness bench calibrate`: docs/calibration.md, and docs/identification.md for the spreads.\n"
            + text[text.index("[calibration]"):])


def seen_by(path, key):
    return {p.key: p.value for p in onnx.load(path).metadata_props}.get(key, "unknown")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--detector", required=True, type=pathlib.Path)
    parser.add_argument("--embedder", required=True, type=pathlib.Path)
    parser.add_argument("--calibration", type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    dimensions = onnx.load(options.embedder).graph.output[0].type.tensor_type.shape.dim[-1].dim_value
    megabytes = sum(p.stat().st_size for p in (options.detector, options.embedder)) / 1e6
    text = HEAD.format(version=options.version, megabytes=megabytes)
    text += role_of("detector", options.detector, "Likeness detector",
                    f"Distilled from YuNet on {seen_by(options.detector, 'pictures')} composed pictures.", "size_step = 32\n")
    text += role_of("embedder", options.embedder, f"Likeness embedder {dimensions}-d",
                    f"Distilled from MobileFaceNet and MobileFace V2 on {seen_by(options.embedder, 'images')} pictures of UTKFace "
                    "and of people mixed from them.", "width = 112\nheight = 112\n", f"dimensions = {dimensions}\n")
    text += ALIGNMENT + quality_of(options.embedder) + attributes_of(options.embedder) + calibration_of(options.calibration)
    for role, path in (("detector", options.detector), ("embedder", options.embedder)):
        if path.resolve() != (options.out / f"{role}.onnx").resolve():
            shutil.copy(path, options.out / f"{role}.onnx")
    for reference in (options.embedder.with_name(name) for name in ("reference.txt", "attributes.txt", "quality.txt")):
        if reference.exists() and reference.resolve() != (options.out / reference.name).resolve():
            shutil.copy(reference, options.out / reference.name)
    (options.out / "pack.toml").write_text(text)
    print(f"{options.out / 'pack.toml'}: {megabytes:.2f} MB of networks")


if __name__ == "__main__":
    main()
