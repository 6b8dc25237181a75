"""Draws a fighter in a pose: limbs between joints, shaded and outlined, and a head that was drawn by hand.

All arithmetic is on integers (1/16 pixel), so that every machine draws the same pixels. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from pathlib import Path
from typing import NamedTuple

from homebrew.tiles import Picture

SIDE = 64  # of a drawing, pixels
UNIT = 16  # of a pixel
OUTLINE = 1  # palette index
SHOULDER_DROP = 2  # from the neck, pixels
HEAD_OFFSET = (2, -8)  # of the head's centre from the neck, pixels

Point = tuple[int, int]
Ramp = tuple[int, int, int]  # palette indices: dark, middle, light


class Pose(NamedTuple):
    """Where the joints are, in pixels of the drawing, for a fighter who looks to the right."""

    points: dict[str, Point]
    face: str


class Part(NamedTuple):
    """How a part of the body looks: half its thickness in 1/16 pixel, and its colours."""

    radius: int
    ramp: Ramp


def read_poses(path: Path) -> dict[str, Pose]:
    """Return the poses of a text file, in its order: a name, then `joint=column,row` and `face=name`."""
    poses: dict[str, Pose] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        name, *settings = words
        points: dict[str, Point] = {}
        face = "calm"
        for key, value in (setting.split("=") for setting in settings):
            if key == "face":
                face = value
            else:
                column, row = value.split(",")
                points[key] = (int(column), int(row))
        poses[name] = Pose(points, face)
    return poses


def read_wardrobe(path: Path) -> dict[str, Part]:
    """Return the looks of a body's parts: a name, half the thickness in 1/16 pixel, three palette indices."""
    parts: dict[str, Part] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        words = line.split("#")[0].split()
        if words:
            name, radius, *ramp = words
            dark, middle, light = (int(index, 16) for index in ramp)
            parts[name] = Part(int(radius), (dark, middle, light))
    return parts


def draw(pose: Pose, wardrobe: Mapping[str, Part], heads: Mapping[str, Picture]) -> Picture:
    """Return the drawing of 64 x 64 palette indices."""
    canvas: Picture = [[0] * SIDE for _ in range(SIDE)]
    points = {name: (column * UNIT + UNIT // 2, row * UNIT + UNIT // 2) for name, (column, row) in pose.points.items()}
    neck, hip = points["neck"], points["hip"]
    shoulder = (neck[0], neck[1] + SHOULDER_DROP * UNIT)
    head = points.get("head", (neck[0] + HEAD_OFFSET[0] * UNIT, neck[1] + HEAD_OFFSET[1] * UNIT))

    def limb(side: str, root: Point, end: Point, bend: int, names: tuple[str, str, str]) -> None:
        upper, lower, tip = (wardrobe[f"{side}_{name}"] for name in names)
        joint = _bend(root, end, int(wardrobe[f"{names[0]}_length"].radius), bend)
        _capsule(canvas, root, joint, upper)
        _capsule(canvas, joint, end, lower)
        _capsule(canvas, end, _tip(names[2], joint, end), tip)

    if "tail" in points:
        _tail(canvas, head, points["tail"], wardrobe["tail"])
    limb("rear", shoulder, points["rear_hand"], 1, ("arm", "forearm", "hand"))
    limb("rear", (hip[0] - UNIT, hip[1]), points["rear_foot"], -1, ("thigh", "shin", "foot"))
    _capsule(canvas, (shoulder[0], shoulder[1] + UNIT), (hip[0], hip[1] - UNIT), wardrobe["torso"])
    _capsule(canvas, (hip[0] - UNIT, hip[1]), (hip[0] + UNIT, hip[1]), wardrobe["belt"])
    limb("lead", (hip[0] + UNIT, hip[1]), points["lead_foot"], -1, ("thigh", "shin", "foot"))
    _stamp(canvas, heads[pose.face], head)
    limb("lead", shoulder, points["lead_hand"], 1, ("arm", "forearm", "hand"))
    return canvas


def _bend(root: Point, end: Point, bone: int, side: int) -> Point:
    """Return where the elbow or knee is: both bones are as long, and it bends to one side; a stretch is straight."""
    dx, dy = end[0] - root[0], end[1] - root[1]
    middle = ((root[0] + end[0]) // 2, (root[1] + end[1]) // 2)
    length = isqrt(dx * dx + dy * dy)
    if length == 0 or length >= 2 * bone:
        return middle
    height = isqrt(bone * bone - length * length // 4)
    return (middle[0] - side * dy * height // length, middle[1] + side * dx * height // length)


def _tip(kind: str, joint: Point, end: Point) -> Point:
    """Return where a hand or foot ends: a hand goes on as the forearm does, a foot on the ground points ahead."""
    if kind == "foot" and end[1] >= 58 * UNIT:
        return (end[0] + 3 * UNIT, end[1])
    dx, dy = end[0] - joint[0], end[1] - joint[1]
    length = isqrt(dx * dx + dy * dy) or 1
    return (end[0] + 2 * UNIT * dx // length, end[1] + 2 * UNIT * dy // length)


def _capsule(canvas: Picture, start: Point, end: Point, part: Part) -> None:
    """Draw a thick line with round ends: an outline of one pixel first, then its shaded inside."""
    _fill(canvas, start, end, part.radius + UNIT, None)
    _fill(canvas, start, end, part.radius, part.ramp)


def _fill(canvas: Picture, start: Point, end: Point, radius: int, ramp: Ramp | None) -> None:
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    left, right = (edge(start[0], end[0]) for edge in (min, max))
    top, bottom = (edge(start[1], end[1]) for edge in (min, max))
    for row in range(max((top - radius) // UNIT, 0), min((bottom + radius) // UNIT + 1, SIDE)):
        for column in range(max((left - radius) // UNIT, 0), min((right + radius) // UNIT + 1, SIDE)):
            x, y = column * UNIT + UNIT // 2 - start[0], row * UNIT + UNIT // 2 - start[1]
            along = min(max(x * dx + y * dy, 0), square)
            off_x, off_y = (x * square - along * dx, y * square - along * dy) if square else (x, y)
            scale = square or 1
            if off_x * off_x + off_y * off_y > (radius * scale) ** 2:
                continue
            if ramp is None:
                canvas[row][column] = OUTLINE
                continue
            towards_light = -(off_x + 2 * off_y)  # the light comes from above, a little from behind
            edge_of_shade = radius * scale * 3 // 4
            shade = 1 + (towards_light > edge_of_shade) - (towards_light < -edge_of_shade)
            canvas[row][column] = ramp[shade]


def _tail(canvas: Picture, start: Point, end: Point, part: Part) -> None:
    """Draw hair or a scarf that flies behind: a line that sags in its middle."""
    middle = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2 + 2 * UNIT)
    _capsule(canvas, start, middle, part)
    _capsule(canvas, middle, end, part)


def _stamp(canvas: Picture, picture: Picture, centre: Point) -> None:
    top, left = centre[1] // UNIT - len(picture) // 2, centre[0] // UNIT - len(picture[0]) // 2
    for row, pixels in enumerate(picture, start=top):
        for column, pixel in enumerate(pixels, start=left):
            if pixel and 0 <= row < SIDE and 0 <= column < SIDE:
                canvas[row][column] = pixel
