"""curve.py RUN/curve.jsonl > curve.svg: the learning curve of embedder.py, cosine to the teachers on faces held out."""
import json
import sys

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 300, 56, 40
points = [json.loads(line) for line in open(sys.argv[1])]
low, end = min(p["held"] for p in points) - 0.02, max(p["seen"] for p in points)


def x_of(images):
    return LEFT + (WIDTH - LEFT - 20) * images / end


def y_of(cosine):
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 20) * (cosine - low) / (max(p["held"] for p in points) + 0.01 - low)


def text(x, y, words, anchor="middle"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="#333">{words}</text>'


print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">')
print(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>')
for step in range(int(low * 20) + 1, int(max(p["held"] for p in points) * 20) + 1):
    y = y_of(step / 20)
    print(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
    print(text(LEFT - 8, y + 4, f"{step / 20:.2f}", "end"))
for million in range(0, end // 1_000_000 + 1):
    print(text(x_of(million * 1e6), HEIGHT - BOTTOM + 18, million))
path = " ".join(f"{x_of(p['seen']):.1f},{y_of(p['held']):.1f}" for p in points)
print(f'<polyline points="{path}" fill="none" stroke="#2563eb" stroke-width="2"/>')
print(text((LEFT + WIDTH) / 2, HEIGHT - 6, "million images seen"))
print(text(LEFT, 14, "cosine to the teachers on faces held out", "start") + "</svg>")
