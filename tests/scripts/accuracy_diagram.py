"""The reliability diagram as SVG: share of right readings against confidence, and below it how many places each bin has.

In: for each set its name, its calibration error, and its bins (places, sum of confidences, number right). Out: the SVG, which brings its own
background and so can be read on any page, light or dark.
"""

LEFT, TOP, SIDE, GAP, BARS, RIGHT = 62, 24, 320, 46, 70, 200
# colour on light, on dark, and shape: sets can be told apart without colour
STYLES = (("#0b62a8", "#6cb6ff", "circle"), ("#b35900", "#ffa657", "square"), ("#7a3d9a", "#d2a8ff", "triangle"))


def mark(shape, name, x, y, size=5.0):
    if shape == "circle":
        return f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"/>'
    if shape == "square":
        return f'<rect class="{name}" x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size:.1f}" height="{2 * size:.1f}"/>'
    return f'<polygon class="{name}" points="{x:.1f},{y - size:.1f} {x + size:.1f},{y + size:.1f} {x - size:.1f},{y + size:.1f}"/>'


def text(x, y, what, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{what}</text>'


def draw(sets):
    width, bottom = LEFT + SIDE + RIGHT, TOP + SIDE
    base = bottom + GAP + BARS
    height = base + 40
    def colours(column):
        return "\n".join(f".s{at} {{ fill: {style[column]}; stroke: {style[column]} }}" for at, style in enumerate(STYLES))

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        ' font-family="sans-serif" font-size="12">',
        "<title>Reliability diagram</title>",
        "<desc>Share of readings that are right against their mean confidence, in ten bins, and the share of places in each bin.</desc>",
        "<style>",
        ".page { fill: #ffffff; stroke: #d0d7de }",
        "text { fill: #1f2328 }",
        ".grid { stroke: #d0d7de; fill: none }",
        ".ideal { stroke: #57606a; stroke-dasharray: 5 4 }",
        colours(0),
        "@media (prefers-color-scheme: dark) {",
        ".page { fill: #0d1117; stroke: #3d444d }",
        "text { fill: #e6edf3 }",
        ".grid { stroke: #3d444d }",
        ".ideal { stroke: #9198a1 }",
        colours(1),
        "}",
        # after the colours, for a line has no area and a bar no edge
        ".line { fill: none; stroke-width: 2 }",
        ".bar { stroke: none }",
        "</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>',
    ]
    for tenth in range(0, 11, 2):
        x, y = LEFT + SIDE * tenth / 10, bottom - SIDE * tenth / 10
        out.append(f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}M{LEFT} {y:.1f}H{LEFT + SIDE}"/>')
        out += [text(x, bottom + 16, f"{tenth / 10:.1f}"), text(LEFT - 8, y + 4, f"{tenth / 10:.1f}", "end")]
    out.append(f'<path class="ideal" d="M{LEFT} {bottom}L{LEFT + SIDE} {TOP}"/>')
    out.append(text(18, TOP + SIDE / 2, "share right", "middle", f' transform="rotate(-90 18 {TOP + SIDE / 2:.1f})"'))
    out.append(text(LEFT + SIDE / 2, bottom + 32, "mean confidence of the bin"))
    most = max(row.places / max(sum(one.places for one in rows), 1) for _, _, rows in sets for row in rows) or 1
    for at, (name, error, rows) in enumerate(sets):
        shape = STYLES[at][2]
        points = [(LEFT + SIDE * row.confidence / row.places, bottom - SIDE * row.right / row.places) for row in rows if row.places]
        out.append(f'<polyline class="s{at} line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')
        out += [mark(shape, f"s{at}", x, y) for x, y in points]
        whole = max(sum(row.places for row in rows), 1)
        slot = SIDE / len(rows)
        for index, row in enumerate(rows):
            tall = BARS * row.places / whole / most
            bar = slot * 0.8 / len(sets)
            x = LEFT + slot * (index + 0.1) + bar * at
            out.append(f'<rect class="s{at} bar" x="{x:.1f}" y="{base - tall:.1f}" width="{bar:.1f}" height="{tall:.1f}"/>')
        y = TOP + 20 + 58 * at
        out += [mark(shape, f"s{at}", LEFT + SIDE + 26, y - 4), text(LEFT + SIDE + 40, y, name, "start")]
        out.append(text(LEFT + SIDE + 40, y + 16, f"{whole:,} places", "start"))
        out.append(text(LEFT + SIDE + 40, y + 32, f"calibration error {error:.3f}", "start"))
    y = TOP + 20 + 58 * len(sets)
    out += [f'<path class="ideal" d="M{LEFT + SIDE + 16} {y - 4}h20"/>', text(LEFT + SIDE + 40, y, "as it should be", "start")]
    out.append(f'<path class="grid" d="M{LEFT} {base}H{LEFT + SIDE}"/>')
    out.append(text(LEFT - 8, base - BARS + 8, f"{100 * most:.0f} %", "end"))
    out.append(text(LEFT - 8, base + 4, "0", "end"))
    out.append(text(LEFT + SIDE / 2, base + 20, "share of the places in each bin of confidence"))
    return "\n".join([*out, "</svg>", ""])
