#!/usr/bin/env python3
"""Changes the configurations of Keras models at random and has nnfmt read and run them.

    configs.py [--nnfmt .build/release/nnfmt] [--count 20000] [--seed 1] [--jobs 2] [--keep DIR] FOLDER ...

The folders are searched for `.keras` archives and `.h5` files with a configuration. Each mutant is the JSON of one
of them with one to three changes (a number set to a nasty value, a key dropped or doubled, a class or a name put in
place of another, lists cut or nested), given with --cfg beside the weights of the unchanged file. `nnfmt inspect` and
`nnfmt run` must end with a documented status within 10 seconds, in bounded memory. What fails is kept. Needs h5py and numpy.
"""
import argparse, collections, copy, glob, json, os, random, resource, shutil, sys, tempfile, zipfile
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np

from watch import watched

parser = argparse.ArgumentParser()
parser.add_argument('--nnfmt', default='.build/release/nnfmt')
parser.add_argument('--count', type=int, default=20000)
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--jobs', type=int, default=2)
parser.add_argument('--keep', default='fuzz-finds')
parser.add_argument('folders', nargs='+')
opt = parser.parse_args()
SECONDS, FINE = 10, (0, 64, 65, 66, 69)
# What a mutant asks to be computed may be large; what a file says of itself takes no memory.
MEMORY = {'inspect': 1 << 30, 'run': 4 << 30}
NASTY = [0, 1, -1, 2, 3, 7, 255, 65536, 1 << 20, (1 << 31) - 1, 1 << 31, 1 << 32, 1 << 40, (1 << 62), (1 << 63) - 1,
         -(1 << 63), 1 << 64, 0.5, -0.0, 1e-300, 1e300, None, True, False, '', 'same', 'x' * 300, [], {}, [1, 2], [[1]],
         [None], [0, 0], [-1, -1], [1 << 62, 1 << 62]]


def configuration(path):
    """The model's configuration and the shapes of its inputs, or None."""
    try:
        if zipfile.is_zipfile(path):
            document = json.loads(zipfile.ZipFile(path).read('config.json'))
        else:
            with h5py.File(path) as file:
                document = json.loads(file.attrs['model_config'])
        layers = document['config'] if isinstance(document['config'], list) else document['config']['layers']
    except Exception:
        return None
    shapes = []
    for layer in layers:
        config = layer['config'] if isinstance(layer['config'], dict) else {}
        shape = config.get('batch_shape') or config.get('batch_input_shape')
        if layer['class_name'] == 'InputLayer' and shape:
            shapes.append([2] + [extent or 5 for extent in shape[1:]])
    return (document, shapes) if shapes and len(json.dumps(document)) < 200_000 else None


def places(value, path=()):
    """The paths of all values in a tree."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, path + (key,))


def mutate(document, dice):
    document = copy.deepcopy(document)
    recipe = []
    for _ in range(dice.choice((1, 1, 2, 3))):
        paths = [path for path in places(document) if path]
        if not paths:
            break
        # The settings of layers are what matters; the initializers of their weights are not read.
        paths = [path for path in paths if not any('initializer' in str(key) for key in path)] or paths
        path = dice.choice(paths)
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        old = holder[path[-1]]
        kind = dice.choice(('nasty', 'nasty', 'nasty', 'drop', 'swap', 'nest', 'near', 'double'))
        if kind == 'nasty':
            holder[path[-1]] = copy.deepcopy(dice.choice(NASTY))
        elif kind == 'drop':
            del holder[path[-1]]
        elif kind == 'swap':
            other = document
            for key in dice.choice(paths):
                other = other[key]
                if not isinstance(other, (dict, list)):
                    break
            holder[path[-1]] = copy.deepcopy(other)
        elif kind == 'nest':
            holder[path[-1]] = dice.choice(([old], {'config': old}, [old, old]))
        elif kind == 'near' and isinstance(old, (int, float)):
            holder[path[-1]] = old + dice.choice((-2, -1, 1, 2))
        elif kind == 'double' and isinstance(holder, list):
            holder.append(copy.deepcopy(old))
        recipe.append((kind, path))
    return document, recipe


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))


def run(arguments):
    return watched([opt.nnfmt, *arguments], SECONDS, MEMORY[arguments[0]], FINE, preexec_fn=limit)


def work(number):
    dice = random.Random(f'{opt.seed}/{number}')
    path = dice.choice(sorted(models))
    document, shapes = models[path]
    mutant, recipe = mutate(document, dice)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        config = f'{folder}/mutant.json'
        with open(config, 'w') as file:
            json.dump(mutant, file)
        inputs = []
        for index, shape in enumerate(shapes):
            np.save(f'{folder}/{index}.npy', np.zeros(shape, 'f4') + 1)
            inputs += ['--input', f'{folder}/{index}.npy']
        for arguments in (['inspect', path, '--cfg', config, '--json'],
                          ['run', path, '--cfg', config, *inputs, '--output', f'{folder}/out']):
            problem, code = run(arguments)
            found.append((arguments[0], code))
            if problem:
                os.makedirs(opt.keep, exist_ok=True)
                kept = f'{opt.keep}/{opt.seed}-{number}.json'
                shutil.copy(config, kept)
                print(f'{kept}: {arguments[0]} of {path} {problem}; {recipe}', flush=True)
                return found, True
    return found, False


models = {}
for folder in opt.folders:
    for path in glob.glob(f'{folder}/**/*', recursive=True):
        if path.endswith(('.keras', '.h5')) and os.path.getsize(path) < 1 << 20:
            found = configuration(path)
            if found:
                models[path] = found
print(f'{len(models)} models', file=sys.stderr)
counts, finds = collections.Counter(), 0
with ThreadPoolExecutor(opt.jobs) as pool:
    for done, (codes, isFind) in enumerate(pool.map(work, range(opt.count)), 1):
        counts.update(codes)
        finds += isFind
        if done % 1000 == 0:
            print(f'{done} mutants, {finds} finds', file=sys.stderr, flush=True)
for (command, code), number in sorted(counts.items(), key=str):
    print(f'{command}: {number} × {code}')
print(f'{opt.count} mutants, {finds} finds')
sys.exit(finds > 0)
