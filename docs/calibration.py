"""calibration.py FIGURES > docs/calibration.svg: draws what `likeness bench calibrate --json` printed into FIGURES."""
import json
import math
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 420, 60, 50, 20, 60
RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)


def x_of(cosine):
    return LEFT + max(0.0, min(1.0, cosine)) * (WIDTH - LEFT - RIGHT)


def y_of(share):
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def share_of(rate):
    return 1 - math.log10(rate) / math.log10(RATES[-1])


def text(x, y, words, anchor='middle', colour='#333'):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def line(points, colour, width=2):
    path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def main():
    figures = json.load(open(sys.argv[1]))
    mean, deviation = figures['tail']['mean'], figures['tail']['deviation']
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
           'font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for tenth in range(0, 11):
        x = x_of(tenth / 10)
        out += [line([(x, y_of(0)), (x, y_of(1))], '#eee', 1), text(x, HEIGHT - BOTTOM + 18, f'{tenth / 10:.1f}')]
    for rate in RATES:
        y = y_of(share_of(rate))
        out += [line([(x_of(0), y), (x_of(1), y)], '#eee', 1), text(LEFT - 6, y + 4, f'{rate:.0e}', 'end', '#06c')]
    for similarity in range(0, 101, 20):
        out.append(text(WIDTH - RIGHT + 6, y_of(similarity / 100) + 4, similarity, 'start', '#b30'))
    tail = []
    for step in range(1001):
        rate = math.erfc((step / 1000 - mean) / deviation / math.sqrt(2)) / 2
        if RATES[-1] <= rate <= 1:
            tail.append((x_of(step / 1000), y_of(share_of(rate))))
    out.append(line(tail, '#06c'))
    for row in figures['rates']:
        out.append(f'<circle cx="{x_of(row["cosine_measured"]):.1f}" cy="{y_of(share_of(row["false_match_rate"])):.1f}" '
                   'r="4" fill="#06c"/>')
    curve = [(x_of(point['cosine']), y_of(point['similarity'] / 100)) for point in figures['curve']]
    out.append(line([(x_of(0), y_of(0))] + curve + [(x_of(1), y_of(1))], '#b30'))
    out += [text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, 'cosine of two embeddings'),
            text(LEFT, TOP - 6, 'false-match rate: fitted line, measured dots', 'start', '#06c'),
            text(WIDTH - RIGHT + 50, TOP - 6, 'similarity', 'end', '#b30'), '</svg>']
    print('\n'.join(out))


main()
