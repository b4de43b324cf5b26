"""Files that are nearly safetensors: each rule of the format broken by hand, and mutants of sound files."""

import json
import struct


def file(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


WIDTHS = {"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
          "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32,
          "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64}

# Each is judged by the format's own library.
HAND_MADE = {
    "empty": b"", "short": b"\1\0\0", "no_header": file(b""), "no_tensors": file({}), "list": file([]),
    "blanks_behind": file(b"{}      "), "newline_behind": file(b"{}\n"), "zero_behind": file(b"{}\0"),
    "bom": file(b"\xef\xbb\xbf{}"), "not_utf8": file(b'{"__metadata__":{"a":"\xff"}}'), "text_goes_on": file(b"{}{}"),
    "longer_than_file": struct.pack("<Q", 3) + b"{}", "too_long": struct.pack("<Q", 100_000_001) + b"{}",
    "huge": struct.pack("<Q", 2**64 - 1) + b"{}", "negative": struct.pack("<q", -8) + b"{}",
    "byte_behind": file({}, b"x"), "byte_missing": file({"a": tensor()}, bytes(7)), "byte_too_many": file({"a": tensor()}, bytes(9)),
    "hole_before": file({"a": tensor(offsets=(1, 9))}, bytes(9)),
    "hole": file({"a": tensor(), "b": tensor(offsets=(9, 17))}, bytes(17)),
    "overlap": file({"a": tensor(), "b": tensor(offsets=(4, 12))}, bytes(12)),
    "same_place": file({"a": tensor(), "b": tensor()}, bytes(8)),
    "other_order": file({"b": tensor(offsets=(8, 16)), "a": tensor()}, bytes(16)),
    "backwards": file({"a": tensor(offsets=(8, 0))}, bytes(8)), "other_shape": file({"a": tensor(shape=(3,))}, bytes(8)),
    "overflow": file({"a": tensor(shape=(2**33, 2**33), offsets=(0, 0))}),
    "overflow_to_8": file({"a": tensor("U8", (2**61 + 1, 8), (0, 8))}, bytes(8)),
    "larger_than_64_bits": file({"a": tensor("U8", (2**64,), (0, 0))}),
    "zero_times_much": file({"a": tensor("U8", (2**63, 0), (0, 0))}),
    "no_elements": file({"a": tensor(shape=(0, 5), offsets=(0, 0))}), "scalar": file({"a": tensor(shape=(), offsets=(0, 4))}, bytes(4)),
    "no_elements_between": file({"a": tensor(), "b": tensor(shape=(0,), offsets=(8, 8)), "c": tensor(offsets=(8, 16))}, bytes(16)),
    "no_elements_inside": file({"a": tensor(), "b": tensor(shape=(0,), offsets=(4, 4))}, bytes(8)),
    "unknown_type": file({"a": tensor("F33")}, bytes(8)), "lower_case_type": file({"a": tensor("f32")}, bytes(8)),
    "type_is_number": file({"a": tensor(7)}, bytes(8)), "float_extent": file({"a": tensor(shape=(2.0,))}, bytes(8)),
    "negative_extent": file({"a": tensor(shape=(-2,))}, bytes(8)), "text_extent": file({"a": tensor(shape=("2",))}, bytes(8)),
    "null_shape": file({"a": {"dtype": "F32", "shape": None, "data_offsets": [0, 8]}}, bytes(8)),
    "one_offset": file({"a": tensor(offsets=(0,))}, bytes(8)), "three_offsets": file({"a": tensor(offsets=(0, 8, 8))}, bytes(8)),
    "no_type": file({"a": {"shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
    "no_shape": file({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, bytes(8)),
    "no_offsets": file({"a": {"dtype": "F32", "shape": [2]}}, bytes(8)), "tensor_is_null": file({"a": None}),
    "tensor_is_text": file({"a": "F32"}), "more_keys": file({"a": tensor(extra=[1, {"b": None}])}, bytes(8)),
    "metadata": file({"__metadata__": {"a": "b", "": ""}}), "metadata_empty": file({"__metadata__": {}}),
    "metadata_null": file({"__metadata__": None}), "metadata_number": file({"__metadata__": {"a": 1}}),
    "metadata_nested": file({"__metadata__": {"a": {"b": "c"}}}), "metadata_list": file({"__metadata__": ["a"]}),
    "metadata_last": file({"a": tensor(), "__metadata__": {"a": "b"}}, bytes(8)),
    "nan": file(b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,8]}}', bytes(8)),
    "trailing_comma": file(b'{"__metadata__":{"a":"b"},}'), "comment": file(b"{}/**/"),
    "odd_names": file({"": tensor(), "a/b c\u0301\n\0": tensor(offsets=(8, 16))}, bytes(16)),
    "half_a_byte": file({"a": tensor("F4", (3,), (0, 1))}, b"x"), "two_halves": file({"a": tensor("F4", (2,), (0, 1))}, b"x"),
    **{f"type_{name}": file({"a": tensor(name, (8,), (0, bits))}, bytes(bits)) for name, bits in WIDTHS.items()}}

# The library takes them (of two keys the last counts); the description of the format forbids them.
STRICTER = {
    "blank_before": file(b" {}"),
    "tensor": file(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x"),
    "metadata": file(b'{"__metadata__":{"a":"b"},"__metadata__":{"a":"b"}}'),
    "metadata_key": file(b'{"__metadata__":{"a":"b","a":"c"}}'),
    "member": file(b'{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x")}


def breaks_the_description(text):
    """Whether a header begins with no brace, or names a key twice."""
    found = [not text.startswith(b"{")]

    def members(pairs):
        found.append(len({key for key, _ in pairs}) != len(pairs))
        return dict(pairs)

    try:
        json.loads(text, object_pairs_hook=members)
    except (ValueError, RecursionError):
        pass
    return any(found)


def mutant(bytes_, random):
    """A copy with a few bytes changed, moved, added or gone, mostly in its header."""
    result = bytearray(bytes_)
    header = 8 + int.from_bytes(bytes_[:8], "little")
    for _ in range(1 if random.integers(4) else 3):
        place = int(random.integers(header if random.integers(3) else len(result)))
        place = min(place, len(result) - 1)
        kind = random.integers(6)
        if kind == 0:
            result[place] = random.integers(256)
        elif kind == 1:
            result[place] = b"0123456789{}[],:\"-.eEFIU "[random.integers(25)]
        elif kind == 2:
            del result[place]
        elif kind == 3:
            result.insert(place, result[random.integers(len(result))])
        elif kind == 4:
            del result[place:place + int(random.integers(1, 9))]
        else:
            end = place + int(random.integers(1, 30))
            result[place:place] = result[place:end]
        if not result:
            return b""
    return bytes(result)
