"""Layers of several inputs: element by element, side by side, products."""

from .case import Family

models = Family(__name__)
add = models.add


def merged(class_name, *shapes, **options):
    def build(k):
        inputs = [k.Input(shape) for shape in shapes]
        return k.Model(inputs, getattr(k.layers, class_name)(**options)(inputs))
    return build


def label_of(shapes):
    return "_".join("x".join(map(str, shape)) for shape in shapes)


for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
    for shapes in (((5,), (5,)), ((3, 4), (3, 4)), ((3, 4), (1, 4)), ((3, 4), (3, 1)), ((3, 1), (1, 4)), ((3, 4, 5), (1, 1, 5)), ((1, 1, 5), (3, 4, 5))):
        add(f"{kind.lower()}_{label_of(shapes)}", merged(kind, *shapes))
    # Keras transposes the batch axis to the end where ranks differ, and broadcasts there.
    for shapes in (((3, 4, 5), (5,)), ((4,), (3, 4)), ((5,), (3, 4, 5)), ((4, 5), (3, 4, 5)), ((3, 4), (4,))):
        add(f"{kind.lower()}_ranks_{label_of(shapes)}", merged(kind, *shapes))
    if kind != "Subtract":
        add(f"{kind.lower()}_of_three", merged(kind, (3, 4), (3, 4), (3, 4)))
        add(f"{kind.lower()}_of_three_broadcast", merged(kind, (3, 4), (1, 4), (3, 1)))
        add(f"{kind.lower()}_of_three_ranks", merged(kind, (2, 3, 4), (3, 4), (4,)))
    add(f"{kind.lower()}_of_unknown_size", merged(kind, (None, 4), (None, 4)))

for shapes, axis in (
    (((3,), (4,)), -1), (((2, 3), (2, 4)), -1), (((2, 3), (4, 3)), 1), (((2, 3), (4, 3)), -2), (((2, 3, 4), (2, 3, 1), (2, 3, 2)), 3),
    (((2, 3, 4), (2, 5, 4)), 2), (((2, 3, 4), (1, 3, 4)), 1), (((2, 3, 4), (1, 3, 4)), -3), (((None, 3), (None, 4)), -1), (((3,), (4,), (1,), (2,)), 1),
):
    add(f"concatenate_{label_of(shapes)}_axis_{axis}", merged("Concatenate", *shapes, axis=axis))

for shapes, axes in (
    (((4,), (4,)), 1), (((4,), (4,)), -1), (((3, 4), (5, 4)), 2), (((3, 4), (5, 4)), -1), (((3, 4), (4, 5)), (2, 1)),
    (((3, 4), (3, 5)), 1), (((3, 4), (3, 5)), (1, 1)), (((3, 4), (4,)), (2, 1)), (((4,), (3, 4)), (1, 2)), (((4,), (4, 3)), (1, 1)),
    (((2, 3, 4), (4, 5)), (3, 1)), (((2, 3, 4), (5, 4)), (3, 2)), (((3, 4), (2, 5, 4)), (2, 3)), (((2, 3, 4), (2, 5, 4)), (3, 3)), (((2, 3, 4), (2, 4, 5)), (3, 2)),
):
    for normalize in (False, True):
        label = "_".join(map(str, axes)) if isinstance(axes, tuple) else str(axes)
        add(f"dot_{label_of(shapes)}_axes_{label}" + "_normalized" * normalize, merged("Dot", *shapes, axes=axes, normalize=normalize))
add("dot_of_zeros_normalized", merged("Dot", (4,), (4,), axes=1, normalize=True), feed=lambda random: [
    random.normal(0, 1, (2, 4)).astype("float32"), 0 * random.normal(0, 1, (2, 4)).astype("float32")])


def same_twice(k):
    start = k.Input((4,))
    return k.Model(start, k.layers.Add()([start, start]))


add("add_of_the_same", same_twice)


def functions(k):
    a, b = k.Input((3, 4)), k.Input((3, 4))
    return k.Model([a, b], [
        k.layers.add([a, b]), k.layers.subtract([a, b]), k.layers.multiply([a, b]), k.layers.average([a, b]),
        k.layers.maximum([a, b]), k.layers.minimum([a, b]), k.layers.concatenate([a, b], axis=1), k.layers.dot([a, b], axes=2)])


add("functions", functions)
