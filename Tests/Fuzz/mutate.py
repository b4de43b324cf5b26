#!/usr/bin/env python3
"""Damages HDF5 files at random and has nnfmt read them: it must neither crash, nor hang, nor bloat.

    mutate.py [--nnfmt .build/release/nnfmt] [--count 20000] [--seed 1] [--jobs 2] [--keep DIR] FILE ...

Each mutant is a file with one to four changes: a bit flipped, a byte set, a field of 2, 4 or 8 bytes set
to a nasty value, a block copied over another, bytes cut off its end. `nnfmt inspect --json --stats --hash`
must end with 0, 65, 66 or 69 within 10 seconds and 1 GiB. What fails is kept, with its recipe.

Checksums guard most bytes of the newer structures, so every other mutant has those of the blocks that it
touched made right again.
"""
import argparse, os, random, struct, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

from watch import watched

parser = argparse.ArgumentParser()
parser.add_argument('--nnfmt', default='.build/release/nnfmt')
parser.add_argument('--count', type=int, default=20000)
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--jobs', type=int, default=2)
parser.add_argument('--keep', default='fuzz-finds')
parser.add_argument('files', nargs='+')
opt = parser.parse_args()
SECONDS, MEMORY, FINE = 10, 1 << 30, (0, 65, 66, 69)
NASTY = [0, 1, 2, 7, 8, 255, 256, 65535, 65536, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32,
         (1 << 48), (1 << 63) - 1, 1 << 63, (1 << 64) - 2, (1 << 64) - 1]
SIGNATURES = [b'OHDR', b'OCHK', b'FRHP', b'FHDB', b'FHIB', b'BTHD', b'BTLF', b'BTIN', b'TREE', b'SNOD',
              b'HEAP', b'GCOL', b'FAHD', b'FADB', b'EAHD', b'EAIB', b'EASB', b'EADB']


def lookup3(data):
    """The checksum of HDF5's newer structures."""
    mask = 0xFFFFFFFF
    rotate = lambda x, k: (x << k | x >> (32 - k)) & mask
    a = b = c = (0xDEADBEEF + len(data)) & mask
    end = len(data)
    at = 0
    while end - at > 12:
        x, y, z = struct.unpack_from('<3I', data, at)
        a, b, c = (a + x) & mask, (b + y) & mask, (c + z) & mask
        a = (a - c) & mask; a ^= rotate(c, 4); c = (c + b) & mask
        b = (b - a) & mask; b ^= rotate(a, 6); a = (a + c) & mask
        c = (c - b) & mask; c ^= rotate(b, 8); b = (b + a) & mask
        a = (a - c) & mask; a ^= rotate(c, 16); c = (c + b) & mask
        b = (b - a) & mask; b ^= rotate(a, 19); a = (a + c) & mask
        c = (c - b) & mask; c ^= rotate(b, 4); b = (b + a) & mask
        at += 12
    if end == at:
        return c
    x, y, z = struct.unpack('<3I', bytes(data[at:]).ljust(12, b'\0'))
    a, b, c = (a + x) & mask, (b + y) & mask, (c + z) & mask
    for p, q, k in ((2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24)):
        v = [a, b, c]
        v[p] = ((v[p] ^ v[q]) - rotate(v[q], k)) & mask
        a, b, c = v
    return c


def blocks(data):
    """Where some of the blocks with checksums start and where their checksums stand."""
    found = []
    for signature in (b'OHDR', b'OCHK', b'BTHD', b'BTLF', b'BTIN', b'FRHP', b'FHIB', b'FAHD', b'FADB', b'EAHD',
                      b'EAIB', b'EASB', b'EADB'):
        start, tried = data.find(signature), 0
        while start >= 0 and tried < 8:
            tried += 1
            # The end is not told in one way: it is where the checksum is right in the sound file.
            for end in range(start + 8, min(start + 1200, len(data) - 4)):
                if struct.unpack_from('<I', data, end)[0] > 0xFFFF and lookup3(data[start:end]) == struct.unpack_from('<I', data, end)[0]:
                    found.append((start, end))
                    break
            start = data.find(signature, start + 1)
    if data[:4] == b'\x89HDF' and data[8] >= 2 and lookup3(data[:44]) == struct.unpack_from('<I', data, 44)[0]:
        found.append((0, 44))
    return found


def places(data):
    """Where structure lies, which is a small part of most files."""
    spots = [(0, 100)]
    for signature in SIGNATURES:
        start = data.find(signature)
        while start >= 0:
            spots.append((start, min(start + 600, len(data))))
            start = data.find(signature, start + 4)
    return spots


def mutate(source, random):
    data, spots, guarded = source
    data = bytearray(data)
    recipe, touched = [], []
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        if random.random() < 0.8:
            start, end = random.choice(spots)
        elif guarded and random.random() < 0.5:
            start, end = random.choice(guarded)
        else:
            start, end = 0, len(data)
        at = random.randrange(start, max(start + 1, end)) % len(data)
        kind = random.choice(('flip', 'flip', 'byte', 'field', 'field', 'field', 'copy', 'cut'))
        if kind == 'cut' and random.random() < 0.7:
            kind = 'field'
        if kind == 'flip':
            data[at] ^= 1 << random.randrange(8)
        elif kind == 'byte':
            data[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        elif kind == 'field':
            width = random.choice((2, 4, 8))
            value = random.choice(NASTY + [len(data), len(data) - 8, at, start, max(0, at - 8), random.choice(spots)[0]])
            field = struct.pack('<Q', value & (1 << 64) - 1)[:width]
            data[at:at + width] = field[:max(0, len(data) - at)]
        elif kind == 'copy':
            count = random.choice((4, 8, 16, 40, 64, 256))
            origin = random.choice(spots)[0]
            piece = data[origin:origin + count]
            data[at:at + len(piece)] = piece[:max(0, len(data) - at)]
        else:
            del data[max(1, at):]
        recipe.append((kind, at))
        touched.append(at)
    if random.random() < 0.5:
        for start, end in guarded:
            if end + 4 <= len(data) and any(start <= at < end for at in touched):
                struct.pack_into('<I', data, end, lookup3(data[start:end]))
        recipe.append(('checksums', 0))
    return bytes(data), recipe


def run(path):
    return watched([opt.nnfmt, 'inspect', path, '--json', '--stats', '--hash'], SECONDS, MEMORY, FINE)


def work(job):
    number, name, source = job
    data, recipe = mutate(source, random.Random(f'{opt.seed}/{number}'))
    with tempfile.NamedTemporaryFile(suffix='.h5') as file:
        file.write(data)
        file.flush()
        problem, code = run(file.name)
    if problem:
        os.makedirs(opt.keep, exist_ok=True)
        kept = os.path.join(opt.keep, f'{opt.seed}-{number}-{os.path.basename(name)}')
        with open(kept, 'wb') as file:
            file.write(data)
        print(f'{kept}: {problem}; {recipe}', flush=True)
    return name, code, problem


sources = {}
for name in opt.files:
    data = open(name, 'rb').read()
    sources[name] = (data, places(data), blocks(data))
jobs = ((i, opt.files[i % len(opt.files)], sources[opt.files[i % len(opt.files)]]) for i in range(opt.count))
counts, finds = {}, 0
with ThreadPoolExecutor(opt.jobs) as pool:
    for name, code, problem in pool.map(work, jobs, chunksize=1):
        counts.setdefault(name, {}).setdefault(code, 0)
        counts[name][code] += 1
        finds += problem is not None
        done = sum(sum(codes.values()) for codes in counts.values())
        if done % 1000 == 0:
            print(f'{done} mutants, {finds} finds', file=sys.stderr, flush=True)
for name, codes in counts.items():
    print(os.path.basename(name) + ':', ', '.join(f'{n} × {code}' for code, n in sorted(codes.items(), key=str)))
print(f'{opt.count} mutants, {finds} finds')
sys.exit(finds > 0)
